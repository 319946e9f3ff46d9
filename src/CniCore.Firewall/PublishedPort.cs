using System.Net;

namespace CniCore.Firewall;

/// <summary>A port of the host that is mapped to a container.</summary>
/// <param name="Host">The host address; null for all.</param>
/// <param name="Protocol"><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</param>
/// <param name="HostPort">1 to 65535.</param>
/// <param name="ContainerPort">1 to 65535.</param>
internal sealed record PublishedPort(IPAddress? Host, string Protocol, int HostPort, int ContainerPort)
{
    /// <summary>In Docker's form: <c>0.0.0.0:8080</c>, <c>[::1]:8080</c>.</summary>
    public required string Text { get; init; }
}
