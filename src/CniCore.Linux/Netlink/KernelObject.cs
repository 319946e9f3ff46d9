using System.Buffers.Binary;
using System.Net;
using System.Text.Json.Serialization;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Netlink;

/// <summary>
/// Something that rtnetlink keeps, word for word as the kernel lists it, less what only the kernel can know of it (counters, times,
/// states): two that are equal have equal <see cref="Key"/>s, and one that was listed can be asked for again, in another namespace too.
/// </summary>
/// <param name="Kind">What it is.</param>
/// <param name="Body">The message: its fixed part, and its attributes in the order of their numbers.</param>
public sealed record KernelObject(KernelObjectKind Kind, byte[] Body)
{
    private const byte FromKernel = 2; // rtnetlink.h, RTPROT_KERNEL
    private const byte FromRouterAdvertisement = 9; // RTPROT_RA

    /// <summary>What it is known by: equal for equals.</summary>
    [JsonIgnore]
    public string Key => Kind + Convert.ToHexString(Body);

    /// <summary>The interface it belongs to, and a route's first; 0 for none.</summary>
    [JsonIgnore]
    public int LinkIndex => Kind switch
    {
        KernelObjectKind.Rule => 0,
        KernelObjectKind.Route => Attribute(rtnl.RTA_OIF) is { } index ? BinaryPrimitives.ReadInt32LittleEndian(index) : FirstHop(),
        _ => BinaryPrimitives.ReadInt32LittleEndian(Body.AsSpan(4)),
    };

    /// <summary>2 for IPv4, 10 for IPv6.</summary>
    [JsonIgnore]
    public byte Family => Body[0];

    /// <summary>An address's or a route's prefix length.</summary>
    [JsonIgnore]
    public int PrefixLength => Body[1];

    /// <summary>An address's own address, or where a route leads to; the unspecified one where the message names none.</summary>
    [JsonIgnore]
    public IPAddress Destination =>
        (Kind == KernelObjectKind.Address
            ? Attribute(rtnl.IFA_LOCAL) ?? Attribute(rtnl.IFA_ADDRESS)
            : Kind == KernelObjectKind.Route ? Attribute(rtnl.RTA_DST) : null) is { } address
            ? new(address)
            : Family == 2 ? IPAddress.Any : IPAddress.IPv6Any;

    /// <summary>Whether it is a unicast route of the main table.</summary>
    [JsonIgnore]
    public bool IsOrdinaryRoute => Kind == KernelObjectKind.Route && Body[7] == rtnl.RTN_UNICAST && Table == rtnl.RT_TABLE_MAIN;

    /// <summary>
    /// Whether it is a route that the kernel makes by itself: with an address, or as a router has told it. A copy in another table is not.
    /// </summary>
    [JsonIgnore]
    public bool IsKernelsRoute =>
        Kind == KernelObjectKind.Route && Table == rtnl.RT_TABLE_MAIN && Body[5] is FromKernel or FromRouterAdvertisement;

    /// <summary>A route's metric; lower wins.</summary>
    internal int Metric => Attribute(rtnl.RTA_PRIORITY) is { } metric ? BinaryPrimitives.ReadInt32LittleEndian(metric) : 0;

    private int Table => Attribute(rtnl.RTA_TABLE) is { } table ? BinaryPrimitives.ReadInt32LittleEndian(table) : Body[4];

    /// <summary>The same where interfaces have other numbers and names. Null where one of its interfaces is not known there.</summary>
    public KernelObject? In(IReadOnlyDictionary<int, int> indexes, IReadOnlyDictionary<string, string> names) =>
        KernelObjectForm.Translate(this, indexes, names);

    /// <summary>A route as an object, as it is asked for.</summary>
    public static KernelObject Of(Route route)
    {
        ArgumentNullException.ThrowIfNull(route);
        return KernelObjectForm.Read(KernelObjectKind.Route, RouteSocket.Body(route))!;
    }

    /// <summary>An address of an interface as an object, as it is asked for.</summary>
    public static KernelObject Of(int linkIndex, IPAddress address, int prefixLength)
    {
        ArgumentNullException.ThrowIfNull(address);
        return KernelObjectForm.Read(KernelObjectKind.Address, RouteSocket.Body(linkIndex, address, prefixLength))!;
    }

    /// <summary>The route that comes with an address, as an object.</summary>
    public static KernelObject Connected(int linkIndex, IPNetwork network)
    {
        var body = RouteSocket.Body(new Route(network.BaseAddress, network.PrefixLength, null, linkIndex));
        body[5] = FromKernel;
        return KernelObjectForm.Read(KernelObjectKind.Route, body)!;
    }

    /// <summary>For a log: what it is and where.</summary>
    public override string ToString() => Kind switch
    {
        KernelObjectKind.Address => $"address {Destination}/{PrefixLength}",
        KernelObjectKind.Route => $"route to {Destination}/{PrefixLength} of table {Table}",
        KernelObjectKind.Rule =>
            $"rule {(Attribute(rtnl.FRA_PRIORITY) is { } priority ? BinaryPrimitives.ReadInt32LittleEndian(priority) : 0)}",
        KernelObjectKind.Neighbour => $"neighbour {(Attribute(rtnl.NDA_DST) is { } address ? new IPAddress(address) : null)}",
        _ => $"{Kind} {(Attribute(rtnl.TCA_KIND) is { } kind ? System.Text.Encoding.ASCII.GetString(kind).TrimEnd('\0') : "")}",
    };

    /// <summary>The value of an attribute; null where it has none of the type.</summary>
    internal byte[]? Attribute(ushort type)
    {
        var attributes = new AttributeReader(Body.AsSpan(KernelObjectForm.Of(Kind).HeaderLength));
        while (attributes.Next())
        {
            if (attributes.Type == type)
                return attributes.Value.ToArray();
        }
        return null;
    }

    // struct rtnexthop: length, flags, weight, interface.
    private int FirstHop() =>
        Attribute(rtnl.RTA_MULTIPATH) is { Length: >= 8 } hops ? BinaryPrimitives.ReadInt32LittleEndian(hops.AsSpan(4)) : 0;
}
