using DockerDriver.Protocol;

namespace DockerDriver.HostPorts;

/// <summary>
/// The host ports that a sandbox has published, per family. Each of them satisfies one binding, so that <c>-p 8080:80 -p 80</c> are two
/// ports.
/// </summary>
/// <param name="published">The host ports of a protocol, a host address and a container port.</param>
internal sealed class SandboxPorts(Func<string, string, int, IReadOnlyList<int>> published)
{
    private readonly Dictionary<(string Protocol, string HostIp, int ContainerPort), List<int>> unclaimed = [];

    /// <summary>The unpublished part of a binding: all of it, one family, or nothing.</summary>
    public PortBinding? Subtract(PortBinding binding)
    {
        if (!string.IsNullOrEmpty(binding.HostIp))
            return Claim(binding, binding.HostIp) ? null : binding;
        return (Claim(binding, PublishablePorts.AllV4), Claim(binding, PublishablePorts.AllV6)) switch
        {
            (false, false) => binding,
            (true, true) => null,
            (var hasV4, _) => binding with { HostIp = hasV4 ? PublishablePorts.AllV6 : PublishablePorts.AllV4 },
        };
    }

    private bool Claim(PortBinding binding, string host)
    {
        var protocol = PortReservations.Protocol(binding.Proto);
        if (!unclaimed.TryGetValue((protocol, host, binding.Port), out var ports))
        {
            var ofBoth = host is PublishablePorts.AllV4 or PublishablePorts.AllV6 ? published(protocol, "", binding.Port) : [];
            unclaimed[(protocol, host, binding.Port)] = ports = [.. published(protocol, host, binding.Port), .. ofBoth];
        }
        var at = ports.FindIndex(port =>
            binding.HostPort == 0 || (port >= binding.HostPort && port <= Math.Max(binding.HostPort, binding.HostPortEnd)));
        if (at < 0)
            return false;
        ports.RemoveAt(at);
        return true;
    }
}
