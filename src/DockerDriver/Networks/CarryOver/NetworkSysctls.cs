using CniCore.Linux.Namespaces;

namespace DockerDriver.Networks.CarryOver;

/// <summary>The sysctls that every network namespace has its own of, by their path under <c>/proc/sys/net</c>.</summary>
internal static class NetworkSysctls
{
    private const string Root = "/proc/sys/net/";
    private const string Default = "default";
    private const string Loopback = "lo"; // neigh/default is shown in the first namespace alone (net/core/neighbour.c)

    // An interface's MTU, which moves along; and one that cannot be read until it is set, and then belongs to one machine.
    private static readonly string[] Unlike = ["mtu", "stable_secret"];

    /// <summary>All that can be written, with their values.</summary>
    public static IReadOnlyDictionary<string, string> Read(NetworkNamespace space) => space.Inside(() =>
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in new DirectoryInfo(Root).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            if ((file.UnixFileMode & (UnixFileMode.UserRead | UnixFileMode.UserWrite)) == (UnixFileMode.UserRead | UnixFileMode.UserWrite) && Value(file.FullName) is { } value)
                values[file.FullName[Root.Length..]] = value;
        }
        return values;
    });

    /// <summary>Those of the namespace that differ from before, and those of its interfaces that differ from what a new interface gets.</summary>
    public static IReadOnlyDictionary<string, string> Changed(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after)
    {
        var changed = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (path, value) in after)
        {
            var isNew = !before.ContainsKey(path);
            var parts = path.Split('/');
            var usual = !isNew ? before[path]
                : LinkAt(parts) is { } at ? after.GetValueOrDefault(Of(Default, parts, at)) ?? after.GetValueOrDefault(Of(Loopback, parts, at))
                : null;
            if (usual is not null && usual != value && !Unlike.Contains(parts[^1]))
                changed[path] = value;
        }
        return changed;
    }

    /// <summary>The same path where the interface has another name.</summary>
    public static string Rename(string path, IReadOnlyDictionary<string, string> names)
    {
        var parts = path.Split('/');
        if (LinkAt(parts) is { } at && names.TryGetValue(parts[at], out var name))
            parts[at] = name;
        return string.Join('/', parts);
    }

    /// <summary>Sets those that have another value; answers which could not be set, and why. Called inside.</summary>
    public static List<string> Write(IEnumerable<KeyValuePair<string, string>> wanted)
    {
        var faults = new List<string>();
        foreach (var (path, value) in wanted)
        {
            try
            {
                if (Value(Root + path) != value)
                    File.WriteAllText(Root + path, value);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                faults.Add($"sysctl net/{path}: {fault.Message}");
            }
        }
        return faults;
    }

    private static string Of(string link, string[] parts, int at) => string.Join('/', [.. parts[..at], link, .. parts[(at + 1)..]]);

    // ipv4/conf/eth0/arp_notify, ipv6/neigh/eth0/…
    private static int? LinkAt(string[] parts) => parts is [_, "conf" or "neigh", _, ..] ? 2 : null;

    private static string? Value(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
