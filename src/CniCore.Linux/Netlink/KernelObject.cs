using System.Buffers.Binary;
using System.Net;
using System.Text.Json.Serialization;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Netlink;

/// <summary>
/// An rtnetlink object in the form in which the kernel lists it, without counters, times and states. Equal objects have equal
/// <see cref="Key"/>s, and an object can be created again, also in another namespace.
/// </summary>
/// <param name="Kind">The kind of the object.</param>
/// <param name="Body">The message: its struct, and its attributes ordered by number.</param>
public sealed record KernelObject(KernelObjectKind Kind, byte[] Body)
{
    private const byte FromKernel = 2; // rtnetlink.h, RTPROT_KERNEL
    private const byte FromRouterAdvertisement = 9; // RTPROT_RA

    /// <summary>Identifies the object: equal for equal objects.</summary>
    [JsonIgnore]
    public string Key => Kind + Convert.ToHexString(Body);

    /// <summary>The index of its interface, or of a route's first interface; 0 for none.</summary>
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

    /// <summary>The address of an address object, or the destination of a route; the unspecified address if the message has none.</summary>
    [JsonIgnore]
    public IPAddress Destination => DestinationBytes switch
    {
        { } address => new(address),
        null when Family == 2 => IPAddress.Any,
        null => IPAddress.IPv6Any,
    };

    /// <summary>Whether it is a unicast route of the main table.</summary>
    [JsonIgnore]
    public bool IsOrdinaryRoute => Kind == KernelObjectKind.Route && Body[7] == rtnl.RTN_UNICAST && Table == rtnl.RT_TABLE_MAIN;

    /// <summary>
    /// Whether the kernel created the route itself, with an address or from a router advertisement. A copy in another table is not such a
    /// route.
    /// </summary>
    [JsonIgnore]
    public bool IsKernelsRoute =>
        Kind == KernelObjectKind.Route && Table == rtnl.RT_TABLE_MAIN && Body[5] is FromKernel or FromRouterAdvertisement;

    /// <summary>The metric of a route; the lowest wins.</summary>
    internal int Metric => Attribute(rtnl.RTA_PRIORITY) is { } metric ? BinaryPrimitives.ReadInt32LittleEndian(metric) : 0;

    private int Table => Attribute(rtnl.RTA_TABLE) is { } table ? BinaryPrimitives.ReadInt32LittleEndian(table) : Body[4];

    /// <summary>The object with other interface numbers and names. Null if one of its interfaces has no counterpart.</summary>
    public KernelObject? In(IReadOnlyDictionary<int, int> indexes, IReadOnlyDictionary<string, string> names) =>
        KernelObjectForm.Translate(this, indexes, names);

    /// <summary>A route, as the object to create.</summary>
    public static KernelObject Of(Route route)
    {
        ArgumentNullException.ThrowIfNull(route);
        return KernelObjectForm.Read(KernelObjectKind.Route, RouteSocket.Body(route))!;
    }

    /// <summary>An address of an interface, as the object to create.</summary>
    public static KernelObject Of(int linkIndex, IPAddress address, int prefixLength)
    {
        ArgumentNullException.ThrowIfNull(address);
        return KernelObjectForm.Read(KernelObjectKind.Address, RouteSocket.Body(linkIndex, address, prefixLength))!;
    }

    /// <summary>The route that the kernel adds with an address, as an object.</summary>
    public static KernelObject Connected(int linkIndex, IPNetwork network)
    {
        var body = RouteSocket.Body(new Route(network.BaseAddress, network.PrefixLength, null, linkIndex));
        body[5] = FromKernel;
        return KernelObjectForm.Read(KernelObjectKind.Route, body)!;
    }

    /// <summary>The object and its place, for a log.</summary>
    public override string ToString() => Kind switch
    {
        KernelObjectKind.Address => $"address {Destination}/{PrefixLength}",
        KernelObjectKind.Route => $"route to {Destination}/{PrefixLength} of table {Table}",
        KernelObjectKind.Rule =>
            $"rule {(Attribute(rtnl.FRA_PRIORITY) is { } priority ? BinaryPrimitives.ReadInt32LittleEndian(priority) : 0)}",
        KernelObjectKind.Neighbour => $"neighbour {(Attribute(rtnl.NDA_DST) is { } address ? new IPAddress(address) : null)}",
        _ => $"{Kind} {(Attribute(rtnl.TCA_KIND) is { } kind ? System.Text.Encoding.ASCII.GetString(kind).TrimEnd('\0') : "")}",
    };

    /// <summary>The value of an attribute; null if it is absent.</summary>
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

    private byte[]? DestinationBytes => Kind switch
    {
        KernelObjectKind.Address => Attribute(rtnl.IFA_LOCAL) ?? Attribute(rtnl.IFA_ADDRESS),
        KernelObjectKind.Route => Attribute(rtnl.RTA_DST),
        _ => null,
    };
}
