using CniCore.Linux.Files;
using CniCore.Spec;
using DockerDriver.Import;

namespace DockerDriver.Doctor;

/// <summary>Checks the plugin folders, and calls each executable with VERSION.</summary>
internal sealed class PluginsCheck() : DoctorCheck("plugins", "plugins run as root for each container")
{
    private const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public override async Task<IReadOnlyList<DoctorFinding>> RunAsync(DoctorContext host, CancellationToken cancel)
    {
        var findings = new List<DoctorFinding>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var used = host.UsedTypes.ToHashSet(StringComparer.Ordinal);
        foreach (var folder in host.Settings.PluginDirs.Where(Directory.Exists))
        {
            findings.AddRange(Open(folder));
            // A dangling link is listed as a file; a later folder may have a plugin of that name.
            var entries = Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).ToLookup(RegularFile.IsAt);
            findings.AddRange(entries[false].Where(path => new FileInfo(path).LinkTarget is not null).Select(Dangling));
            var files = entries[true].Where(path => seen.Add(Path.GetFileName(path))).ToList();
            findings.AddRange(files.Where(path => !IsExecutable(path) && used.Contains(Path.GetFileName(path)))
                .Select(path =>
                    Fail($"{path} is not executable, and a list names it", $"chmod +x {ShellWord.Quote(path)}",
                        "the plugin cannot be run")));
            findings.AddRange(files.SelectMany(Open));
            findings.AddRange(await VersionsAsync(host, folder, [.. files.Where(IsExecutable)], cancel));
        }
        if (findings.Count == 0)
            findings.Add(Warn($"there are no plugins in {string.Join(", ", host.Settings.PluginDirs)}",
                "apt-get install containernetworking-plugins", "lists can use built-in plugins only"));
        return findings;
    }

    private DoctorFinding Dangling(string path) =>
        Warn($"{path} is a link to {new FileInfo(path).LinkTarget}, which does not exist", $"rm {ShellWord.Quote(path)}",
            "the plugin is not found here");

    private async Task<List<DoctorFinding>> VersionsAsync(DoctorContext host, string folder, List<string> paths, CancellationToken cancel)
    {
        var newest = new Dictionary<string, string>();
        var findings = new List<DoctorFinding>();
        foreach (var path in paths)
        {
            try
            {
                var spoken = await host.Runtime.VersionAsync(PluginType.Parse(Path.GetFileName(path)), cancel);
                newest[Path.GetFileName(path)] = spoken[^1];
            }
            catch (CniException fault)
            {
                findings.Add(Warn($"{path} gives no answer to VERSION: {fault.Message}", $"chmod -x {ShellWord.Quote(path)}",
                    "no network can be created with it; a file that is not a plugin should not be executable there"));
            }
        }
        if (newest.Count > 0)
        {
            var byVersion = newest.GroupBy(plugin => plugin.Value, plugin => plugin.Key)
                .Select(group => $"{string.Join(", ", group)} (to {group.Key})");
            findings.Insert(0, Ok($"{folder}: {string.Join("; ", byVersion)}"));
        }
        return findings;
    }

    private IEnumerable<DoctorFinding> Open(string path)
    {
        if (TrustedPath.ModeFault(path) is { } open)
            yield return Fail(open, $"chmod go-w {ShellWord.Quote(path)}", "whoever can change it can run code as root");
        if (TrustedPath.OtherOwner(path) is { } other)
            yield return Warn(other, $"chown root {ShellWord.Quote(path)}", "that user can run code as root");
    }

    private static bool IsExecutable(string path) => (File.GetUnixFileMode(path) & Execute) != 0;
}
