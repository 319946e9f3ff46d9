using System.Net;

namespace CniCore.Linux.Netlink;

/// <summary>An address of an interface.</summary>
/// <param name="LinkIndex">The index of its interface.</param>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">Its prefix length.</param>
/// <param name="Scope">rtnetlink's scope: 0 global, 253 link, 254 host.</param>
public sealed record LinkAddress(int LinkIndex, IPAddress Address, int PrefixLength, int Scope);
