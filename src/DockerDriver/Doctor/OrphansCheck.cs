using System.Text.RegularExpressions;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;

namespace DockerDriver.Doctor;

/// <summary>Interfaces and namespaces of cnid's names that belong to nothing it knows.</summary>
internal sealed partial class OrphansCheck() : Check("strays", "what is left of a container or a network that is gone")
{
    public override Task<IReadOnlyList<Finding>> LookAsync(DoctorContext host, CancellationToken cancel)
    {
        List<Finding> findings = [.. Links(host), .. Namespaces(host)];
        return Task.FromResult<IReadOnlyList<Finding>>(findings.Count > 0
            ? findings
            : [Ok("no interface or namespace of cnid's without its owner")]);
    }

    private IEnumerable<Finding> Links(DoctorContext host)
    {
        var known = host.Endpoints.Select(endpoint => endpoint.HostName)
            .Concat(host.Networks.Select(network => network.Bridge?.Name).OfType<string>()).ToHashSet(StringComparer.Ordinal);
        using var routes = RouteSocket.Open();
        return [.. routes.Links().Where(link => Ours().IsMatch(link.Name) && !known.Contains(link.Name))
            .Select(link => Warn($"the interface {link.Name} belongs to no endpoint and no network", $"ip link delete {link.Name}"))];
    }

    private IEnumerable<Finding> Namespaces(DoctorContext host)
    {
        var folder = host.Settings.NamespacesFolder;
        var known = host.Endpoints.Select(endpoint => endpoint.Id).ToHashSet(StringComparer.Ordinal);
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder).Where(path => NetworkNamespace.IsAt(path) && !known.Contains(Path.GetFileName(path)))
                .Select(path => Warn($"the holding namespace {path} belongs to no endpoint", $"umount {path} && rm {path}"))]
            : [];
    }

    // An endpoint's interface on its way, and a generated network's bridge.
    [GeneratedRegex(@"^(cni[0-9a-f]{12}|cni-[0-9a-f]{11})\z")]
    private static partial Regex Ours();
}
