using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using CniCore.Firewall;
using CniCore.Linux;
using CniCore.Linux.Files;
using CniCore.Linux.Netlink;
using CniCore.Plugins.Bridge;

namespace CniCore.Plugins.Interfaces;

/// <summary>
/// Forwarding, which containers need and which makes a host a router. Where cnid is the one that turns it on, a table of nf_tables
/// drops what would pass between the interfaces that were there before, uplinks go on to take their routes from advertisements, and all of
/// it is undone when nothing is there any more that needs it. Where somebody else has turned it on, nothing is changed.
/// </summary>
public sealed partial class HostForwarding(HostNetwork host)
{
    private const string Folder = "/run/cnid/forwarding";
    private const string V4 = "net/ipv4/ip_forward";
    private const string V6 = "net/ipv6/conf/all/forwarding";
    private readonly ForwardingTable table = new(host);

    /// <summary>What cnid has turned on; null for nothing.</summary>
    public ForwardingRecord? Find()
    {
        try
        {
            return File.Exists(PathOf())
                ? JsonSerializer.Deserialize(File.ReadAllBytes(PathOf()), ForwardingJson.Default.ForwardingRecord)
                : null;
        }
        catch (JsonException)
        {
            return null; // somebody's hand: what is not known to be cnid's is left alone
        }
    }

    /// <summary>Turns it on for these families, where it is off. On disk before it is done.</summary>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    public void Enable(IEnumerable<AddressFamily> families)
    {
        var missing = families.Distinct().Where(family => Read(KeyOf(family)) is not (null or "1")).ToList();
        if (missing.Count == 0)
            return;
        using var alone = Lock();
        using var routes = host.OpenRoutes();
        var before = routes.Links().Where(link => link.Name != "lo" && !IsOwn(link)).ToList();
        IReadOnlyList<string> names = [.. before.Where(link => link.MasterIndex == 0 && !IsUsed(link)).Select(link => link.Name)];
        var record = Find() ?? new();
        record = record with { Present = [.. record.Present.Union(before.Select(link => link.Name))] };
        if (missing.Contains(AddressFamily.InterNetwork))
            record = record with { Ipv4 = names };
        if (missing.Contains(AddressFamily.InterNetworkV6))
            record = record with { Ipv6 = names,
                AcceptRa = [.. record.AcceptRa.Union(names.Where(name => Read(AcceptRa(name)) == "1"))] };
        Save(record);
        Write(record);
        foreach (var name in record.AcceptRa)
            host.Inside(() => Sysctl.WriteIfThere(AcceptRa(name), "2"));
        foreach (var family in missing)
            host.Inside(() => Sysctl.Write(KeyOf(family), "1"));
    }

    /// <summary>Whether the table stands that keeps the host from being a router.</summary>
    public bool IsKept() => table.Exists();

    /// <summary>
    /// Keeps the table as it should be: hardware that came meanwhile is the host's own too, and a flush takes the table along.
    /// </summary>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    public void Guard()
    {
        if (Find() is null)
            return;
        using var alone = Lock();
        if (Find() is not { } record)
            return;
        using var routes = host.OpenRoutes();
        var hardware = routes.Links().Where(link => link is { Kind: null, MasterIndex: 0 } && link.Name != "lo")
            .Select(link => link.Name).ToList();
        var grown = record with { Ipv4 = With(record.Ipv4, hardware), Ipv6 = With(record.Ipv6, hardware),
            Present = With(record.Present, hardware)! };
        if (grown.Present.Count > record.Present.Count)
            Save(grown);
        if (grown.Present.Count > record.Present.Count || !table.Exists())
            Write(grown);
    }

    /// <summary>
    /// Turns off what cnid has turned on, when no bridge is cnid's or used by it, and no interface is there that was not: whoever made one
    /// may rely on forwarding.
    /// </summary>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    public void Restore()
    {
        if (Find() is null)
            return;
        using var alone = Lock();
        using var routes = host.OpenRoutes();
        if (Find() is not { } record
            || routes.Links().Any(link =>
                IsUsed(link) || (link is { MasterIndex: 0, Kind: not null } && !record.Present.Contains(link.Name))))
            return;
        if (record.Ipv4 is not null)
            host.Inside(() => Sysctl.WriteIfThere(V4, "0"));
        if (record.Ipv6 is not null)
            host.Inside(() => Sysctl.WriteIfThere(V6, "0"));
        foreach (var key in record.AcceptRa.Select(AcceptRa).Where(key => Read(key) == "2"))
            host.Inside(() => Sysctl.Write(key, "1"));
        table.Delete();
        DurableFile.Delete(PathOf());
    }

    /// <summary>
    /// Deletes what a kill left of writing its records and those of bridges: for a daemon that begins. Who writes one meanwhile holds the
    /// lock.
    /// </summary>
    public static void DeleteUnfinished()
    {
        BridgeRecords.DeleteUnfinished();
        if (!Directory.Exists(Folder))
            return;
        using var alone = Lock();
        DurableFile.DeleteUnfinishedIn(Folder);
    }

    private void Write(ForwardingRecord record) => table.Write(record.Ipv4 ?? [], record.Ipv6 ?? []);

    private string? Read(string key) => host.Inside(() => Sysctl.Read(key));

    private static IReadOnlyList<string>? With(IReadOnlyList<string>? names, List<string> more) =>
        names is null ? null : [.. names.Union(more)];

    // A bridge of cnid's, or an administrator's that a network stands on. A record alone says nothing: its bridge may be gone, and the
    // number of its namespace another's by now.
    private bool IsUsed(Link link) => link.Kind == "bridge" && new BridgeRecords(host).Find(link.Name)?.Describes(link) == true;

    private bool IsOwn(Link link) =>
        link.Kind == "veth" ? OwnVeth().IsMatch(link.Name) : link.Kind == "bridge" && new BridgeRecords(host).IsOwn(link);

    private static string KeyOf(AddressFamily family) => family == AddressFamily.InterNetwork ? V4 : V6;

    private static string AcceptRa(string name) => $"net/ipv6/conf/{name}/accept_ra";

    private static FileLock Lock() => FileLock.Take(Path.Combine(Folder, "lock"));

    private void Save(ForwardingRecord record) =>
        DurableFile.Write(PathOf(), JsonSerializer.SerializeToUtf8Bytes(record, ForwardingJson.Default.ForwardingRecord));

    private string PathOf() => Path.Combine(Folder, $"{host.Identity.Inode}.json");

    // BridgePort.NameOf.
    [GeneratedRegex(@"^veth[0-9a-f]{11}\z")]
    private static partial Regex OwnVeth();
}
