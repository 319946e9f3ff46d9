using System.Net;

namespace CniCore.Linux.Netlink;

/// <summary>A policy rule: packets from a source use a table.</summary>
/// <param name="Source">The source; null for all.</param>
/// <param name="PrefixLength">The prefix length of the source.</param>
/// <param name="Table">The table.</param>
/// <param name="Priority">The lowest is evaluated first.</param>
public sealed record RoutingRule(IPAddress? Source, int PrefixLength, int Table, int Priority);
