using CniCore.Plugins.HostLocal;

namespace CniCore.Tests.Plugins;

/// <summary>A test with networks of host-local's, named <c>net</c>, in folders of their own.</summary>
public abstract class HostLocalTest() : IpamTest("host-local")
{
    /// <summary>A network of 253 addresses to give.</summary>
    protected const string Net = """ "subnet":"10.1.0.0/24" """;

    /// <summary>A network of five, .2 to .6.</summary>
    private protected string Small => Request(Data(""" "subnet":"10.1.0.0/29" """));

    protected static string Data(string ipam) => ipam.Trim().Length > 0 ? $"\"dataDir\":\"DIR\",{ipam}" : "\"dataDir\":\"DIR\"";

    protected string PathOf(string file, string dir = "data") => Path.Combine(Folder, dir, "net", file);

    /// <summary>Names and contents, without the lock.</summary>
    protected List<string> Files(string dir) =>
        [.. Directory.EnumerateFiles(PathOf("", dir)).Where(file => Path.GetFileName(file) != "lock")
            .Select(file => $"{Path.GetFileName(file)}: {File.ReadAllText(file)}").Order(StringComparer.Ordinal)];

    /// <summary>The addresses reserved.</summary>
    protected List<string> Reserved(string dir = "data") => Directory.Exists(PathOf("", dir))
        ? [.. Directory.EnumerateFiles(PathOf("", dir)).Select(file => Path.GetFileName(file))
            .Where(name => name != "lock" && !name.StartsWith("last_", StringComparison.Ordinal)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>What we know of an owner beside the reference's files.</summary>
    protected string IndexOf(string id, string ifName = "eth0") =>
        Path.Combine(Folder, "data", ".cnid", "net", new ReservationOwner(id, ifName).Key);

    /// <summary>Says that nothing of earlier boots is left.</summary>
    protected string MarkOfTheBoot => Path.Combine(Folder, "data", ".cnid", "net", "reclaimed");

    /// <summary>All that we keep beside the reference's files.</summary>
    protected string[] IndexFiles() => [.. Directory.EnumerateFiles(Path.GetDirectoryName(MarkOfTheBoot)!).Order(StringComparer.Ordinal)];

    /// <summary>As if that owner's addresses had been given before the machine was started.</summary>
    protected void Reboot(string id)
    {
        var lines = File.ReadAllLines(IndexOf(id));
        File.WriteAllLines(IndexOf(id), [Guid.Empty.ToString(), .. lines[1..]]);
    }
}
