using System.Text.Json.Serialization;

namespace CniCore.Linux.Netlink;

/// <summary>Kinds of rtnetlink objects that belong to a namespace, besides interfaces.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<KernelObjectKind>))]
public enum KernelObjectKind
{
    /// <summary>An address of an interface that stays until it is removed.</summary>
    Address,

    /// <summary>A route of any table and type.</summary>
    Route,

    /// <summary>A policy rule.</summary>
    Rule,

    /// <summary>A permanent neighbour, or a proxy entry.</summary>
    Neighbour,

    /// <summary>A queueing discipline that somebody configured.</summary>
    Qdisc,

    /// <summary>A class of a queueing discipline.</summary>
    TrafficClass,

    /// <summary>A filter of a queueing discipline.</summary>
    Filter,
}
