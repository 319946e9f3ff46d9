using CniCore.Linux.Namespaces;

namespace DockerDriver.Sandboxes.Replay;

/// <summary>The sysctls that every network namespace has its own of, by their path under <c>/proc/sys/net</c>.</summary>
internal static class NetworkSysctls
{
    /// <summary>Stands in a user's sysctls for the interface's name.</summary>
    public const string AnyName = "IFNAME";

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
            if ((file.UnixFileMode & (UnixFileMode.UserRead | UnixFileMode.UserWrite)) == (UnixFileMode.UserRead | UnixFileMode.UserWrite)
                && Value(file.FullName) is { } value)
                values[file.FullName[Root.Length..]] = value;
        }
        return values;
    });

    /// <summary>
    /// Those of the namespace that differ from before, and those of its interfaces that differ from what a new interface gets.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Changed(
        IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after)
    {
        var changed = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (path, value) in after)
        {
            var isNew = !before.ContainsKey(path);
            var parts = path.Split('/');
            var usual = !isNew ? before[path]
                : LinkAt(parts) is { } at
                    ? after.GetValueOrDefault(Of(Default, parts, at)) ?? after.GetValueOrDefault(Of(Loopback, parts, at))
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

    /// <summary>
    /// Those that are set: the list's, and before them what the container's user asks for of the endpoint's interface.
    /// </summary>
    /// <param name="ofList">By their path, with the interface's name inside.</param>
    /// <param name="ofUser">By their path, with <see cref="AnyName"/>.</param>
    /// <param name="name">The interface's name inside.</param>
    public static (IReadOnlyDictionary<string, string> Wanted, IReadOnlyList<string> Overruled) Merge(
        IReadOnlyDictionary<string, string> ofList, IReadOnlyDictionary<string, string> ofUser, string name)
    {
        var wanted = new SortedDictionary<string, string>(ofList.ToDictionary(), StringComparer.Ordinal);
        var overruled = new List<string>();
        foreach (var (path, value) in ofUser.Select(one =>
            (path: Rename(one.Key, new Dictionary<string, string> { [AnyName] = name }), one.Value)))
        {
            if (wanted.TryGetValue(path, out var before) && before != value)
                overruled.Add($"net/{path} is {value}, as the container's user asks, and not {before}, as the list does");
            wanted[path] = value;
        }
        return (wanted, overruled);
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
