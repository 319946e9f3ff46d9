using System.Text.Json.Serialization;

namespace CniCore.Linux.Netlink;

/// <summary>What rtnetlink keeps in a namespace besides its interfaces.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<KernelObjectKind>))]
public enum KernelObjectKind
{
    /// <summary>An address of an interface that stays until it is removed.</summary>
    Address,

    /// <summary>A route of any table and type.</summary>
    Route,

    /// <summary>A policy rule.</summary>
    Rule,

    /// <summary>A permanent neighbour, or one that is answered for.</summary>
    Neighbour,

    /// <summary>A queueing discipline that somebody has set.</summary>
    Qdisc,

    /// <summary>A class of a queueing discipline.</summary>
    TrafficClass,

    /// <summary>A filter of a queueing discipline.</summary>
    Filter,
}
