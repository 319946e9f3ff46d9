using System.Globalization;

namespace DockerDriver.State;

/// <summary>A published port, as the <c>portMappings</c> capability takes it (CNI CONVENTIONS.md).</summary>
/// <param name="Protocol"><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</param>
/// <param name="HostIp">The host address it is bound to; empty for all.</param>
/// <param name="HostPort">1 to 65535: chosen by now where the user left it open.</param>
/// <param name="ContainerPort">1 to 65535.</param>
internal sealed record PublishedPort(string Protocol, string HostIp, int HostPort, int ContainerPort)
{
    /// <summary>As Docker writes it: <c>0.0.0.0:8080</c>.</summary>
    public string HostSide => string.Create(CultureInfo.InvariantCulture,
        $"{(HostIp.Length == 0 ? "0.0.0.0" : HostIp.Contains(':', StringComparison.Ordinal) ? $"[{HostIp}]" : HostIp)}:{HostPort}");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{HostSide}->{ContainerPort}/{Protocol}");
}
