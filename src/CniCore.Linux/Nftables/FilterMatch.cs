using System.Net;
using System.Net.Sockets;

namespace CniCore.Linux.Nftables;

/// <summary>A condition on a packet: its interface or its address.</summary>
/// <param name="IsSource">Whether it is about the source; else the destination.</param>
/// <param name="Interface">The interface; null for an address.</param>
/// <param name="Address">The address; null for an interface.</param>
public readonly record struct FilterMatch(bool IsSource, string? Interface, IPAddress? Address)
{
    /// <summary>The condition in the syntax of iptables.</summary>
    public override string ToString() => Interface is not null
        ? $"{(IsSource ? "-i" : "-o")} {Interface}"
        : $"{(IsSource ? "-s" : "-d")} {Address}/{(Address!.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)}";
}
