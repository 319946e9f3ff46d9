using System.Globalization;

namespace DockerDriver.State;

/// <summary>A published port, in the form of the <c>portMappings</c> capability (CNI CONVENTIONS.md).</summary>
/// <param name="Protocol"><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</param>
/// <param name="HostIp">The host address; empty for all.</param>
/// <param name="HostPort">1 to 65535; already chosen where the user named none.</param>
/// <param name="ContainerPort">1 to 65535.</param>
internal sealed record PublishedPort(string Protocol, string HostIp, int HostPort, int ContainerPort)
{
    /// <summary>The host's side as Docker writes it: <c>0.0.0.0:8080</c>.</summary>
    public string HostSide => string.Create(CultureInfo.InvariantCulture,
        $"{(HostIp.Length == 0 ? "0.0.0.0" : HostIp.Contains(':', StringComparison.Ordinal) ? $"[{HostIp}]" : HostIp)}:{HostPort}");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{HostSide}->{ContainerPort}/{Protocol}");
}
