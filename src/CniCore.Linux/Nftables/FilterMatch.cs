using System.Net;
using System.Net.Sockets;

namespace CniCore.Linux.Nftables;

/// <summary>What a rule asks of a packet: the interface it comes from or goes to, or the address.</summary>
/// <param name="IsSource">Where it comes from; else where it goes.</param>
/// <param name="Interface">The interface; null for an address.</param>
/// <param name="Address">The address; null for an interface.</param>
public readonly record struct FilterMatch(bool IsSource, string? Interface, IPAddress? Address)
{
    /// <summary>In iptables' words.</summary>
    public override string ToString() => Interface is not null
        ? $"{(IsSource ? "-i" : "-o")} {Interface}"
        : $"{(IsSource ? "-s" : "-d")} {Address}/{(Address!.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)}";
}
