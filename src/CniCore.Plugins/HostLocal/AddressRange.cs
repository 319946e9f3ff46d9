using System.Net;
using CniCore.Spec;

namespace CniCore.Plugins.HostLocal;

/// <summary>A range of a subnet from which addresses are given, ends included. The gateway is never given.</summary>
internal sealed class AddressRange
{
    private AddressRange(CidrAddress subnet, AddressNumber first, AddressNumber last, IPAddress gateway) =>
        (Subnet, First, Last, Gateway) = (subnet, first, last, gateway);

    public CidrAddress Subnet { get; }

    public AddressNumber First { get; }

    public AddressNumber Last { get; }

    public IPAddress Gateway { get; }

    /// <summary>
    /// Creates the range with the defaults of the reference: <c>.1</c> as the gateway, and all addresses but the network's and the
    /// broadcast address.
    /// </summary>
    /// <exception cref="FormatException">The range is invalid.</exception>
    public static AddressRange Of(RangeFields fields)
    {
        var subnet = fields.Subnet ?? throw new FormatException("a range has no subnet");
        if (subnet.Address.IsIPv4MappedToIPv6)
            throw new FormatException("IPNet IP and Mask version mismatch");
        var network = AddressNumber.Of(subnet.Address);
        if (subnet.PrefixLength > network.Bits - 2)
            throw new FormatException($"Network {subnet} too small to allocate from");
        if (!subnet.Network.BaseAddress.Equals(subnet.Address))
            throw new FormatException($"Network has host bits set. For a subnet mask of length {subnet.PrefixLength} the network address "
                + $"is {subnet.Network.BaseAddress}");

        var start = fields.RangeStart is { } given ? AddressNumber.Of(given) : network.Next;
        var end = fields.RangeEnd is { } until ? AddressNumber.Of(until) : DefaultEnd(network, subnet.PrefixLength);
        if (!Contains(subnet, start))
            throw new FormatException($"RangeStart {start} not in network {subnet}");
        if (!Contains(subnet, end))
            throw new FormatException($"RangeEnd {end} not in network {subnet}");
        if (start.Value > end.Value)
            throw new FormatException($"RangeStart {start} is after the range's end {end}");
        return new(subnet, start, end, fields.Gateway is { } gateway ? AddressNumber.Of(gateway).ToAddress() : network.Next.ToAddress());
    }

    public bool Contains(AddressNumber address) =>
        address.Family == First.Family && address.Value >= First.Value && address.Value <= Last.Value;

    public bool Overlaps(AddressRange other) => Contains(other.First) || other.Contains(First);

    /// <summary>The addresses that it can give from one address to another, ends included.</summary>
    public IEnumerable<AddressNumber> Between(AddressNumber from, AddressNumber to)
    {
        var gateway = AddressNumber.Of(Gateway);
        for (var address = from; ; address = address.Next)
        {
            if (address != gateway)
                yield return address;
            if (address == to)
                yield break;
        }
    }

    public override string ToString() => $"{First}-{Last}";

    private static bool Contains(CidrAddress subnet, AddressNumber address) =>
        address.Family == subnet.Address.AddressFamily && subnet.Network.Contains(address.ToAddress());

    // The last IPv4 address is the broadcast address. IPv6 has none.
    private static AddressNumber DefaultEnd(AddressNumber network, int prefixLength)
    {
        var hosts = (UInt128.One << (network.Bits - prefixLength)) - 1;
        if (prefixLength == 0 && network.Bits == 128)
            hosts = UInt128.MaxValue; // C# shifts by 128 as by 0
        return network with { Value = network.Value + hosts - (network.Bits == 32 ? UInt128.One : UInt128.Zero) };
    }
}
