using CniCore.Linux.Files;
using CniCore.Linux.Namespaces;

namespace DockerDriver.Sandboxes.Replay;

/// <summary>The sysctls of a netns, by their path under <c>/proc/sys/net</c>.</summary>
internal static class NetworkSysctls
{
    /// <summary>Stands for the interface's name in a user's sysctls.</summary>
    public const string InterfacePlaceholder = "IFNAME";

    private const string Root = "/proc/sys/net/";
    private const string Default = "default";
    private const string Loopback = "lo"; // neigh/default exists in the initial netns only (net/core/neighbour.c)

    // The MTU moves with the interface; stable_secret cannot be read until it is set, and belongs to one host.
    private static readonly string[] NeverCopied = ["mtu", "stable_secret"];

    /// <summary>All writable sysctls with their values.</summary>
    public static IReadOnlyDictionary<string, string> Read(NetworkNamespace netns) => netns.Inside(() =>
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

    /// <summary>The sysctls of the netns that differ from before, and those of its interfaces that differ from a new interface's.</summary>
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
            if (usual is not null && usual != value && !NeverCopied.Contains(parts[^1]))
                changed[path] = value;
        }
        return changed;
    }

    /// <summary>The path with the interface renamed.</summary>
    public static string Rename(string path, IReadOnlyDictionary<string, string> names)
    {
        var parts = path.Split('/');
        if (LinkAt(parts) is { } at && names.TryGetValue(parts[at], out var name))
            parts[at] = name;
        return string.Join('/', parts);
    }

    /// <summary>The sysctls to set: the list's, overridden by those that the container's user requests for the endpoint.</summary>
    /// <param name="name">The interface's name in the sandbox.</param>
    /// <param name="fromList">By path, with the interface's name in the sandbox.</param>
    /// <param name="fromUser">By path, with <see cref="InterfacePlaceholder"/>.</param>
    public static (IReadOnlyDictionary<string, string> Wanted, IReadOnlyList<string> Overridden) Merge(
        IReadOnlyDictionary<string, string> fromList, IReadOnlyDictionary<string, string> fromUser, string name)
    {
        var wanted = new SortedDictionary<string, string>(fromList.ToDictionary(), StringComparer.Ordinal);
        var overridden = new List<string>();
        foreach (var (path, value) in fromUser.Select(sysctl =>
            (path: Rename(sysctl.Key, new Dictionary<string, string> { [InterfacePlaceholder] = name }), sysctl.Value)))
        {
            if (wanted.TryGetValue(path, out var before) && before != value)
                overridden.Add($"net/{path} is {value}, as the container's user asks, and not {before}, as the list does");
            wanted[path] = value;
        }
        return (wanted, overridden);
    }

    /// <summary>Sets those with another value; returns the errors. Call inside the netns.</summary>
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
            return RegularFile.ReadAllText(file).Trim();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
