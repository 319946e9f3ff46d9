using System.Net;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CsCheck;

namespace CniCore.Tests.Linux;

/// <summary>Messages and their parts are read as they are written, for any value (CsCheck).</summary>
public sealed class MessageRoundTripTests
{
    private const int HeaderLength = 16;

    [Fact]
    public void Attributes_AreReadAsTheyAreWritten() => Gen.Select(Gen.UShort[1, 1000], Gen.Byte.Array[0, 40]).Array[0, 10].Sample(
        attributes =>
    {
        var writer = new RequestWriter(1, 0);
        foreach (var (type, value) in attributes)
            writer.Bytes(type, value);
        var reader = new AttributeReader(writer.Finish(1)[HeaderLength..]);
        foreach (var (type, value) in attributes)
        {
            if (!reader.Next() || reader.Type != type || !reader.Value.SequenceEqual(value))
                return false;
        }
        return !reader.Next();
    });

    [Fact]
    public void Attributes_OfAnyBytes_EndWithThem() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        var reader = new AttributeReader(bytes);
        var read = 0;
        while (reader.Next())
            read += reader.Value.Length;
        return read <= bytes.Length;
    });

    [Fact]
    public void Comment_IsReadAsItIsWritten() => Gen.String[Gen.Char[' ', '~'], 0, 120].Sample(text =>
        UserData.TextOf(UserData.Comment(0, text), 0) == text);

    [Fact]
    public void Element_IsReadAsItIsWritten() => Gen.Select(Gen.Byte.Array[4], Gen.UShort, Gen.String[Gen.Char['a', 'z'], 1, 15]).Sample(
        (address, port, name) =>
        {
            var set = new NftSet("s", "ipv4_addr . inet_service . ifname");
            var text = $"{new IPAddress(address)} . {port} . \"{name}\"";
            return set.KeyTextOf(set.Read(text)) == text;
        });

    [Fact]
    public void Intervals_AreJoinedAsTheyWereSplit() => Gen.Select(Gen.Byte.Array[4], Gen.Int[1, 32]).Array[1, 8].Sample(networks =>
    {
        var set = new NftSet("s", "ipv4_addr") { IsInterval = true };
        var merged = set.With(networks.Select(network => $"{Masked(network.Item1, network.Item2)}/{network.Item2}")).Elements;
        return Intervals.Join(Intervals.Split(merged)).Select(set.TextOf).SequenceEqual(merged.Select(set.TextOf));
    });

    private static IPAddress Masked(byte[] address, int length)
    {
        var masked = (byte[])address.Clone();
        for (var bit = length; bit < 32; bit++)
            masked[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new(masked);
    }
}
