using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Nftables;

namespace CniCore.Firewall;

/// <summary>
/// Selects packets of containers on the host: by a bridge or a host-side interface, which attachments may share; or, if no such interface
/// is known, by a container's address.
/// </summary>
/// <param name="Interface">The interface; null for an address.</param>
/// <param name="Address">The address; null for an interface.</param>
public readonly record struct TrafficSelector(string? Interface, IPAddress? Address)
{
    /// <summary>The packets of an interface.</summary>
    public static TrafficSelector Of(string name) => new(name, null);

    /// <summary>The packets of an address.</summary>
    public static TrafficSelector Of(IPAddress address) => new(null, address);

    /// <summary>The key in an nftables set.</summary>
    internal string Key => Interface is not null ? $"\"{Interface}\"" : $"{Address}";

    /// <summary>Packets from there.</summary>
    internal FilterMatch From => new(true, Interface, Address);

    /// <summary>Packets to there.</summary>
    internal FilterMatch To => new(false, Interface, Address);

    /// <summary>Whether it can match packets of that family.</summary>
    internal bool IsOf(AddressFamily family) => Address is null || Address.AddressFamily == family;

    /// <summary>Whether the rule of ours is about this selector.</summary>
    internal bool IsMatchedBy(FilterRule rule) => rule.Match is { } match && !rule.IsForeign && (match == From || match == To);
}
