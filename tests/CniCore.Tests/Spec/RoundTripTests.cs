using System.Net;
using System.Text;
using CniCore.Config;
using CniCore.Spec;
using CsCheck;

namespace CniCore.Tests.Spec;

/// <summary>What is written and read again is the same, for any value (CsCheck).</summary>
public sealed class RoundTripTests
{
    private static readonly Gen<IPAddress> Address = Gen.OneOf(Gen.Byte.Array[4], Gen.Byte.Array[16])
        .Select(bytes => new IPAddress(bytes)).Where(address => !address.IsIPv4MappedToIPv6);

    private static readonly Gen<CidrAddress> Cidr = Gen.Select(Address, Gen.Int[0, 128]).Select((address, length) =>
        CidrAddress.Parse($"{address}/{Math.Min(length, address.GetAddressBytes().Length * 8)}"));

    private static readonly Gen<string> Word = Gen.String[Gen.Char.AlphaNumeric, 1, 12];

    private static readonly Gen<CniResult> Result = Gen.Select(
        Gen.Select(Cidr, Gen.Bool, (address, inInterface) =>
            new CniAddress { Address = address, Interface = inInterface ? 0 : null }).Array[0, 4],
        Gen.Select(Cidr, Gen.Int[0, 9000].Nullable(), (destination, mtu) =>
            new CniRoute { Destination = destination, Mtu = mtu }).Array[0, 4],
        Word.Array[0, 3],
        (ips, routes, words) => new CniResult
        {
            Interfaces = [new() { Name = "eth0" }],
            Ips = ips,
            Routes = routes,
            Dns = words.Length > 0 ? new() { NameServers = words, Search = words } : null,
        });

    [Fact]
    public void CidrAddress_IsReadAsItIsWritten() => Cidr.Sample(cidr => CidrAddress.Parse(cidr.ToString()).Equals(cidr));

    [Fact]
    public void CidrAddress_OfAnyText_IsReadOrRefused() => Gen.String.Sample(text =>
        !CidrAddress.TryParse(text, out var cidr) || CidrAddress.Parse(cidr.ToString()).Equals(cidr));

    [Fact]
    public void CniArgs_AreReadAsTheyAreWritten() => Gen.Select(Word, Word, KeyValuePair.Create).Array[0, 5].Sample(args =>
        CniArgs.Parse(CniArgs.Join(args)).SequenceEqual(args));

    [Theory]
    [InlineData("1.1.0")]
    [InlineData("1.0.0")]
    public void Result_IsReadAsItIsWritten(string version) => Result.Sample(result =>
    {
        var written = ResultJson.Write(result, version);
        return ResultJson.Write(ResultJson.Parse(written, version), version).AsSpan().SequenceEqual(written);
    });

    // Versions before 1.0 lose what they have no key for, once.
    [Theory]
    [InlineData("0.4.0")]
    [InlineData("0.3.1")]
    public void Result_OfAnEarlierVersion_LosesNothingMoreTheSecondTime(string version) => Result.Sample(result =>
    {
        var once = ResultJson.Write(ResultJson.Parse(ResultJson.Write(result, version), version), version);
        return ResultJson.Write(ResultJson.Parse(once, version), version).AsSpan().SequenceEqual(once);
    });

    [Fact]
    public void NetworkList_IsReadAsItIsWritten() => Gen.Select(Word, Gen.Select(Word, Word, Gen.Int).Array[1, 4], (name, plugins) =>
        $$"""{"name":"{{name}}","cniVersion":"1.0.0","plugins":[{{string.Join(',', plugins.Select(plugin =>
            $$"""{"type":"{{plugin.Item1}}","x-{{plugin.Item2}}":{{plugin.Item3}}}"""))}}]}""").Sample(json =>
    {
        var list = NetworkList.Parse(Encoding.UTF8.GetBytes(json));
        return NetworkList.Parse(list.ToJson()).ToJson().AsSpan().SequenceEqual(list.ToJson());
    });
}
