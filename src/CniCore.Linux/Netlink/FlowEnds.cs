using System.Net;

namespace CniCore.Linux.Netlink;

/// <summary>One direction of a flow.</summary>
/// <param name="Protocol">IP's number: 17 for UDP.</param>
/// <param name="Source">The source of its packets.</param>
/// <param name="Destination">The destination of its packets.</param>
public sealed record FlowEnds(byte Protocol, IPEndPoint Source, IPEndPoint Destination);
