using System.Text.Json;
using CniCore.Linux.Files;
using CniCore.Spec;
using CniCore.Spec.Shapes;

namespace CniCore.Config;

/// <summary>
/// A folder of network configurations, read as libcni does: <c>.conflist</c> before <c>.conf</c> and <c>.json</c>, each sorted by name.
/// Unlike with libcni, a broken file does not hide the others.
/// </summary>
/// <param name="folder">The folder.</param>
/// <param name="ofAnybody">
/// Whether lists that others than root and this process's user can change are usable. Their plugins must not be run.
/// </param>
public sealed class NetworkListFolder(string folder, bool ofAnybody = false)
{
    private static readonly string[] Lists = [".conflist"];
    private static readonly string[] Single = [".conf", ".json"];

    /// <summary>
    /// Reads a file, and the <c>*.conf</c> files of the folder beside it that has the network's name, unless the list has
    /// <c>loadOnlyInlinedPlugins</c> (CNI spec 1.1, section 1). Checks it as <see cref="NetworkList.Check"/> does.
    /// </summary>
    /// <exception cref="CniConfigException">The list is broken. The message starts with the file and, where known, the line.</exception>
    public static NetworkList ReadFile(string path) => ReadFile(path, _ => { });

    private static NetworkList ReadFile(string path, Action<string> demandTrust)
    {
        var json = RegularFile.ReadAllBytes(path);
        demandTrust(path);
        NetworkList.Check(json, path);
        return NetworkListReader.Read(json, path, name => PluginFiles(path, name, demandTrust));
    }

    /// <summary>
    /// Reads every file. A folder that does not exist is empty. The first list of a name wins; a later one counts as broken.
    /// </summary>
    /// <returns>The usable lists in the order of their files, and for each broken file its path and the reason, one line: file, line
    /// where known, and what is wrong.</returns>
    public (IReadOnlyList<NetworkList> Lists, IReadOnlyList<(string Path, string Reason)> Broken) Read()
    {
        var lists = new List<NetworkList>();
        var broken = new List<(string, string)>();
        foreach (var path in Files(Lists).Concat(Files(Single)))
        {
            try
            {
                var list = ReadFile(path, ofAnybody ? _ => { } : file => DemandTrust(path, file));
                if (lists.FirstOrDefault(other => other.Name == list.Name) is { } first)
                    broken.Add((path, $"{path}: the network {list.Name} is defined in {first.Source} already; this one is not used"));
                else
                    lists.Add(list);
            }
            catch (Exception fault) when (fault is CniConfigException or IOException or UnauthorizedAccessException)
            {
                broken.Add((path, fault.Message));
            }
        }
        return (lists, broken);
    }

    /// <summary>The list of that name.</summary>
    /// <exception cref="CniConfigException">There is none. The message names the lists there are, and the broken files.</exception>
    public NetworkList Find(NetworkName name)
    {
        var (lists, broken) = Read();
        if (lists.FirstOrDefault(list => list.Name == name) is { } found)
            return found;
        var there = lists.Count == 0 ? "there is none" : $"there are {string.Join(", ", lists.Select(list => list.Name))}";
        var notUsable = broken.Count == 0 ? "" : $"; not usable: {string.Join("; ", broken.Select(file => file.Reason))}";
        throw new CniConfigException($"no network list named {name} in {folder}: {there}{notUsable}");
    }

    // Of a link, the target counts; of a file, its folder too.
    private static void DemandTrust(string path, string file)
    {
        if (TrustedPath.FaultInFolder(file) is { } fault)
            throw new CniConfigException($"{path}: {fault}");
    }

    private static IEnumerable<PluginConfig> PluginFiles(string source, NetworkName name, Action<string> demandTrust)
    {
        var folder = Path.Combine(Path.GetDirectoryName(source)!, name.ToString());
        return Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*.conf").Order(StringComparer.Ordinal).Select(path => PluginFile(path, demandTrust))
            : [];
    }

    private static PluginConfig PluginFile(string path, Action<string> demandTrust)
    {
        var json = RegularFile.ReadAllBytes(path);
        demandTrust(path);
        try
        {
            ShapeException.Locate(path, () => ListShape.CheckPlugin(json));
            var plugin = ListFields.Element(json);
            return plugin.ValueKind == JsonValueKind.Object
                ? PluginConfig.Parse(plugin)
                : throw new CniConfigException("it is not a JSON object");
        }
        catch (CniConfigException fault) when (!fault.Message.StartsWith(path + ":", StringComparison.Ordinal))
        {
            throw new CniConfigException($"{path}: {fault.Message}", fault);
        }
    }

    private IEnumerable<string> Files(string[] extensions) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder).Where(path => extensions.Contains(Path.GetExtension(path))).Order(StringComparer.Ordinal)
        : [];
}
