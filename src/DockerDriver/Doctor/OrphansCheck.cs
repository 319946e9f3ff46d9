using System.Text.RegularExpressions;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;

namespace DockerDriver.Doctor;

/// <summary>Finds interfaces and namespaces with cnid's names that belong to nothing on record.</summary>
internal sealed partial class OrphansCheck()
    : DoctorCheck("strays", "they were left by a container or a network that does not exist any more")
{
    public override Task<IReadOnlyList<DoctorFinding>> RunAsync(DoctorContext host, CancellationToken cancel)
    {
        List<DoctorFinding> findings = [.. Links(host), .. Namespaces(host)];
        return Task.FromResult<IReadOnlyList<DoctorFinding>>(findings.Count > 0
            ? findings
            : [Ok("every interface and namespace of cnid's has an owner")]);
    }

    private IEnumerable<DoctorFinding> Links(DoctorContext host)
    {
        var known = host.Endpoints.Select(endpoint => endpoint.HostName)
            .Concat(host.Networks.Select(network => network.Bridge?.Name).OfType<string>()).ToHashSet(StringComparer.Ordinal);
        using var routes = RouteSocket.Open();
        return [.. routes.Links().Where(link => CnidName().IsMatch(link.Name) && !known.Contains(link.Name))
            .Select(link => Warn($"the interface {link.Name} belongs to no endpoint and no network", $"ip link delete {link.Name}"))];
    }

    private IEnumerable<DoctorFinding> Namespaces(DoctorContext host)
    {
        var folder = host.Settings.NamespacesFolder;
        var known = host.Endpoints.Select(endpoint => endpoint.Id).ToHashSet(StringComparer.Ordinal);
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder).Where(path => NetworkNamespace.IsAt(path) && !known.Contains(Path.GetFileName(path)))
                .Select(path => Warn($"the holding namespace {path} belongs to no endpoint", $"umount {path} && rm {path}"))]
            : [];
    }

    // An endpoint's interface while it is moved, and a generated network's bridge.
    [GeneratedRegex(@"^(cni[0-9a-f]{12}|cni-[0-9a-f]{11})\z")]
    private static partial Regex CnidName();
}
