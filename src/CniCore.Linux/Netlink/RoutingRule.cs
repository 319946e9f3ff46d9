using System.Net;

namespace CniCore.Linux.Netlink;

/// <summary>A policy rule: from a source prefix, look into a table.</summary>
/// <param name="Source">The source; null for all.</param>
/// <param name="PrefixLength">Of the source.</param>
/// <param name="Table">The table to look into.</param>
/// <param name="Priority">Lower is asked first.</param>
public sealed record RoutingRule(IPAddress? Source, int PrefixLength, int Table, int Priority);
