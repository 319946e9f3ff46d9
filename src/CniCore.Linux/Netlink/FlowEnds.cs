using System.Net;

namespace CniCore.Linux.Netlink;

/// <summary>One direction of a flow.</summary>
/// <param name="Protocol">IP's number: 17 for UDP.</param>
/// <param name="Source">Where its packets come from.</param>
/// <param name="Destination">Where they go.</param>
public sealed record FlowEnds(byte Protocol, IPEndPoint Source, IPEndPoint Destination);
