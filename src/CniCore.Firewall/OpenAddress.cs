using System.Net;

namespace CniCore.Firewall;

/// <summary>A port that can be reached by the container's own address.</summary>
/// <param name="Address">The container's.</param>
/// <param name="Protocol"><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</param>
/// <param name="Port">1 to 65535.</param>
public sealed record OpenAddress(IPAddress Address, string Protocol, int Port);
