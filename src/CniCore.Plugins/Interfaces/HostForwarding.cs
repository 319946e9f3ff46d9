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
/// Enables forwarding, which containers need and which makes a host a router. If cnid enables it, a table of nf_tables drops packets
/// between the interfaces that existed before, uplinks still accept router advertisements, and everything is undone when nothing needs it
/// any more. If it was enabled before, nothing is changed.
/// </summary>
public sealed partial class HostForwarding(HostNetwork host)
{
    private const string Folder = "/run/cnid/forwarding";
    private const string V4 = "net/ipv4/ip_forward";
    private const string V6 = "net/ipv6/conf/all/forwarding";
    private readonly ForwardingTable table = new(host);

    /// <summary>What cnid enabled; null for nothing.</summary>
    public ForwardingRecord? Find()
    {
        try
        {
            return File.Exists(PathOf())
                ? JsonSerializer.Deserialize(RegularFile.ReadAllBytes(PathOf()), ForwardingJson.Default.ForwardingRecord)
                : null;
        }
        catch (JsonException)
        {
            return null; // edited by hand: what is not known to be cnid's is left alone
        }
    }

    /// <summary>Enables forwarding for these families, unless it is. Recorded on disk before it is done.</summary>
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
            record = record with
            {
                Ipv6 = names,
                AcceptRa = [.. record.AcceptRa.Union(names.Where(name => Read(AcceptRa(name)) == "1"))]
            };
        Save(record);
        Write(record);
        foreach (var name in record.AcceptRa)
            host.Inside(() => Sysctl.WriteIfThere(AcceptRa(name), "2"));
        foreach (var family in missing)
            host.Inside(() => Sysctl.Write(KeyOf(family), "1"));
    }

    /// <summary>Whether the protecting table exists.</summary>
    public bool IsKept() => table.Exists();

    /// <summary>Restores the protecting table: a flush removes it, and new hardware belongs into it.</summary>
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
        var grown = record with
        {
            Ipv4 = With(record.Ipv4, hardware),
            Ipv6 = With(record.Ipv6, hardware),
            Present = With(record.Present, hardware)!
        };
        if (grown.Present.Count > record.Present.Count)
            Save(grown);
        if (grown.Present.Count > record.Present.Count || !table.Exists())
            Write(grown);
    }

    /// <summary>
    /// Disables what cnid enabled, if cnid created or uses no bridge, and there are no new interfaces: whoever created one may rely on
    /// forwarding.
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
    /// Deletes unfinished files that a kill left of these records and those of bridges. Call it at the start of a daemon. Writers hold the
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

    // A bridge that cnid created, or an administrator's that a network uses. A record alone is not enough: its bridge may be gone, and the
    // number of its namespace may be another's by now.
    private bool IsUsed(Link link) => link.Kind == "bridge" && new BridgeRecords(host).Find(link.Name)?.Describes(link) == true;

    private bool IsOwn(Link link) =>
        link.Kind == "veth" ? OwnVeth().IsMatch(link.Name) : link.Kind == "bridge" && new BridgeRecords(host).IsOwn(link);

    private static string KeyOf(AddressFamily family) => family == AddressFamily.InterNetwork ? V4 : V6;

    private static string AcceptRa(string name) => $"net/ipv6/conf/{name}/accept_ra";

    private static FileLock Lock() => FileLock.Take(Path.Combine(Folder, "lock"));

    private void Save(ForwardingRecord record) =>
        DurableFile.Write(PathOf(), JsonSerializer.SerializeToUtf8Bytes(record, ForwardingJson.Default.ForwardingRecord));

    private string PathOf() => Path.Combine(Folder, $"{host.Identity.Inode}.json");

    // See BridgePort.NameOf.
    [GeneratedRegex(@"^veth[0-9a-f]{11}\z")]
    private static partial Regex OwnVeth();
}
