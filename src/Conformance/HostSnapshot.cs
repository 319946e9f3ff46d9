using System.Globalization;
using System.Text.RegularExpressions;
using CniCore.Linux.Files;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CniCore.Linux.Processes;

namespace Conformance;

/// <summary>
/// Everything that a plugin can change, as lines: links, addresses, routes, rules, neighbours, nf_tables, sysctls; on the host also files
/// and processes.
/// </summary>
internal static partial class HostSnapshot
{
    private const int MainTable = 254;
    private const int FirstOfSbr = 100;
    private const int Permanent = 0x80;

    // Counters, and values that are random at each read.
    private static readonly string[] Volatile = ["nf_conntrack_count", "random", "tcp_fastopen_key", "stable_secret"];

    /// <summary>The state of the host, which is this process's namespaces.</summary>
    public static IReadOnlyList<string> OfHost() => [.. OfNetwork(["lo", ScratchHost.Uplink]), .. Files(), .. Processes()];

    /// <summary>The state of a container.</summary>
    public static IReadOnlyList<string> OfContainer(NetworkNamespace netns, string ifName) => netns.Inside(() => OfNetwork([ifName]));

    /// <summary>Lines only in <paramref name="after"/>, with a plus, and lines only in <paramref name="before"/>, with a minus.</summary>
    public static IReadOnlyList<string> Differences(IReadOnlyList<string> before, IReadOnlyList<string> after) =>
        [.. Without(after, before).Select(line => "+ " + line), .. Without(before, after).Select(line => "- " + line)];

    private static List<string> OfNetwork(string[] ifNames)
    {
        using var routes = RouteSocket.Open();
        var links = routes.Links();
        string Name(int index) => links.FirstOrDefault(link => link.Index == index)?.Name ?? index.ToString(CultureInfo.InvariantCulture);
        return
        [
            .. links.Select(link => $"link {link.Name} {link.Kind} mtu "
                + $"{link.Mtu}{(link.IsUp ? " up" : "")}{(link.MasterIndex > 0 ? " of " + Name(link.MasterIndex) : "")}"),
            .. routes.Addresses(null).Where(address => !address.Address.IsIPv6LinkLocal)
                .Select(address => $"address {address.Address}/{address.PrefixLength} on {Name(address.LinkIndex)}"),
            .. new[] { MainTable, FirstOfSbr, FirstOfSbr + 1 }.SelectMany(table => routes.Routes(table)).Where(IsNotKernels)
                .Select(route => $"route {route.Destination}/{route.PrefixLength} via {route.Gateway} on {Name(route.LinkIndex)} table "
                    + $"{route.Table} metric {route.Metric}"),
            .. routes.Rules().Select(rule => $"rule {rule.Priority} from {rule.Source}/{rule.PrefixLength} table {rule.Table}"),
            .. routes.Neighbours(null).Where(neighbour => (neighbour.State & Permanent) != 0 && !neighbour.Address.IsIPv6Multicast)
                .Select(neighbour => $"neighbour {neighbour.Address} {neighbour.Mac}"),
            .. Rules(),
            .. Sysctls("/proc/sys/net", ifNames),
        ];
    }

    // The kernel's own routes come and go with the interfaces.
    private static bool IsNotKernels(CniCore.Linux.Netlink.Route route) =>
        !route.Destination.IsIPv6LinkLocal && !route.Destination.IsIPv6Multicast;

    private static IEnumerable<string> Rules()
    {
        string ruleset;
        try
        {
            ruleset = NftProgram.Run("list ruleset\n");
        }
        catch (NftablesException)
        {
            yield break; // the program is not installed: rules cannot be compared
        }
        var inside = new Stack<string>();
        foreach (var line in ruleset.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0))
        {
            yield return $"nft {string.Join(", ", inside.Reverse())}: {Counter().Replace(line, "counter")}";
            if (line.EndsWith('{'))
                inside.Push(line.TrimEnd('{', ' '));
            else if (line.EndsWith('}') && !line.Contains('{', StringComparison.Ordinal) && inside.Count > 0)
                inside.Pop();
        }
    }

    private static IEnumerable<string> Sysctls(string folder, string[] ifNames)
    {
        foreach (var path in Directory.EnumerateFiles(folder).Where(path => !Volatile.Contains(Path.GetFileName(path))))
        {
            string? value = null;
            try
            {
                value = RegularFile.ReadAllText(path).Trim();
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                // some are write-only
            }
            if (value is not null)
                yield return $"sysctl {path["/proc/sys/".Length..].Replace('/', '.')} = {value}";
        }
        var ofInterfaces = Path.GetFileName(folder) is "conf" or "neigh";
        foreach (var line in Directory.EnumerateDirectories(folder)
            .Where(path => !ofInterfaces || Path.GetFileName(path) is "all" or "default" || ifNames.Contains(Path.GetFileName(path)))
            .SelectMany(path => Sysctls(path, ifNames)))
            yield return line;
    }

    // /run is empty at the start.
    private static IEnumerable<string> Files() => Directory
        .EnumerateFiles("/run", "*", new EnumerationOptions
        {
            RecurseSubdirectories = true, IgnoreInaccessible = true,
            AttributesToSkip = 0
        })
        .Where(path => !path.StartsWith("/run/.work", StringComparison.Ordinal) && !path.StartsWith("/run/cnid/", StringComparison.Ordinal)
            && !path.StartsWith(PrivateFiles.Written, StringComparison.Ordinal))
        .Concat(PrivateFiles.WrittenFiles())
        .Select(path => "file " + path);

    private static IEnumerable<string> Processes()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(folder => Path.GetFileName(folder).All(char.IsAsciiDigit)))
        {
            string? stat = null;
            try
            {
                stat = RegularFile.ReadAllText(folder + "/stat");
            }
            catch (IOException)
            {
                // it has just ended
            }
            if (stat is not null && stat[(stat.LastIndexOf(')') + 2)..][0] != 'Z')
                yield return "process " + stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..stat.LastIndexOf(')')];
        }
    }

    // Compares as multisets.
    private static List<string> Without(IReadOnlyList<string> all, IReadOnlyList<string> others)
    {
        var left = others.GroupBy(line => line, StringComparer.Ordinal)
            .ToDictionary(lines => lines.Key, lines => lines.Count(), StringComparer.Ordinal);
        var found = new List<string>();
        foreach (var line in all)
        {
            if (left.TryGetValue(line, out var count) && count > 0)
                left[line] = count - 1;
            else
                found.Add(line);
        }
        return found;
    }

    [GeneratedRegex(@"counter packets \d+ bytes \d+")]
    private static partial Regex Counter();
}
