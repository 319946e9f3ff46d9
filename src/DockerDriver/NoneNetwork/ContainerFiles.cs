using CniCore.Spec;
using DockerDriver.Hosting;
using DockerDriver.State;

namespace DockerDriver.NoneNetwork;

/// <summary>
/// Docker's own resolv.conf and hosts of a container, which it has mounted. Written in place, as kubelet's shim did (cri-dockerd,
/// core/sandbox_run.go): a file renamed over them would not be the one that is mounted. Docker writes both anew at each start.
/// </summary>
internal static class ContainerFiles
{
    private const string Mark = "\t# cnid";

    /// <summary>Right to repeat.</summary>
    public static void Write(StoredContainer container, IReadOnlyList<CniResult> results)
    {
        var dns = results.Select(result => result.Dns).OfType<CniDns>().ToList();
        Rewrite(Path.Combine(container.Folder, "resolv.conf"), text => ResolvConf.With(text, dns, container.OwnDns));

        var hostname = Path.Combine(container.Folder, "hostname");
        var name = File.Exists(hostname) ? File.ReadAllText(hostname).Trim() : ShortId.Of(container.Id);
        var lines = results.SelectMany(result => result.Ips).Select(ip => $"{ip.Address.Address}\t{name}{Mark}\n");
        Rewrite(Path.Combine(container.Folder, "hosts"), text => string.Concat(
            text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.EndsWith(Mark, StringComparison.Ordinal)).Select(line => line + "\n").Concat(lines)));
    }

    private static void Rewrite(string path, Func<string, string> change)
    {
        if (!File.Exists(path))
            return; // an engine that has none for this container
        var before = File.ReadAllText(path);
        var after = change(before);
        if (after != before)
            File.WriteAllText(path, after);
    }
}
