using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Nftables;

namespace CniCore.Firewall;

/// <summary>
/// Where containers' packets cross the host: a bridge or a host-side interface, which attachments may share; or, where no such interface
/// is known, a container's address.
/// </summary>
/// <param name="Interface">The interface; null for an address.</param>
/// <param name="Address">The address; null for an interface.</param>
public readonly record struct TrafficSelector(string? Interface, IPAddress? Address)
{
    /// <summary>What crosses an interface.</summary>
    public static TrafficSelector Of(string name) => new(name, null);

    /// <summary>What an address sends and gets.</summary>
    public static TrafficSelector Of(IPAddress address) => new(null, address);

    /// <summary>As a key of an nftables set.</summary>
    internal string Key => Interface is not null ? $"\"{Interface}\"" : $"{Address}";

    /// <summary>What comes from there.</summary>
    internal FilterMatch From => new(true, Interface, Address);

    /// <summary>What goes there.</summary>
    internal FilterMatch To => new(false, Interface, Address);

    /// <summary>Whether packets of that family can meet it.</summary>
    internal bool IsOf(AddressFamily family) => Address is null || Address.AddressFamily == family;

    /// <summary>Whether a rule of ours is about these packets.</summary>
    internal bool IsMatchedBy(FilterRule rule) => rule.Match is { } match && !rule.IsForeign && (match == From || match == To);
}
