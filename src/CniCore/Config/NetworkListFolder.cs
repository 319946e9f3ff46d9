using CniCore.Spec;

namespace CniCore.Config;

/// <summary>
/// A folder of network configurations, read as libcni reads it: <c>.conflist</c> before <c>.conf</c> and <c>.json</c>, each sorted by name.
/// Unlike libcni, a broken file hides no other.
/// </summary>
public sealed class NetworkListFolder(string folder)
{
    private static readonly string[] Lists = [".conflist"];
    private static readonly string[] Single = [".conf", ".json"];

    /// <summary>Reads every file. A folder that is not there is empty. The first list of a name wins; a later one is reported.</summary>
    public FolderReading Read()
    {
        var lists = new List<NetworkList>();
        var broken = new List<BrokenList>();
        foreach (var path in Files(Lists).Concat(Files(Single)))
        {
            try
            {
                var list = NetworkListParser.ParseFile(path);
                if (lists.FirstOrDefault(other => other.Name == list.Name) is { } first)
                    broken.Add(new(path, $"{path}: the network {list.Name} is defined in {first.Source} already; this one is not used"));
                else
                    lists.Add(list);
            }
            catch (Exception fault) when (fault is CniConfigException or IOException or UnauthorizedAccessException)
            {
                broken.Add(new(path, fault.Message));
            }
        }
        return new(lists, broken);
    }

    /// <summary>The list of that name.</summary>
    /// <exception cref="CniConfigException">There is none; names those there are, and the files that could not be read.</exception>
    public NetworkList Find(NetworkName name)
    {
        var reading = Read();
        if (reading.Lists.FirstOrDefault(list => list.Name == name) is { } found)
            return found;
        var there = reading.Lists.Count == 0 ? "there is none" : $"there are {string.Join(", ", reading.Lists.Select(list => list.Name))}";
        var broken = reading.Broken.Count == 0 ? "" : $"; not usable: {string.Join("; ", reading.Broken.Select(one => one.Reason))}";
        throw new CniConfigException($"no network list named {name} in {folder}: {there}{broken}");
    }

    private IEnumerable<string> Files(string[] extensions) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder).Where(path => extensions.Contains(Path.GetExtension(path))).Order(StringComparer.Ordinal)
        : [];
}
