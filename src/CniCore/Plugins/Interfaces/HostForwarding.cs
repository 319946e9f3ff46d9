using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using CniCore.Linux.Files;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CniCore.Plugins.Bridge;

namespace CniCore.Plugins.Interfaces;

/// <summary>
/// Forwarding, which containers need and which makes a host a router. Where cnid is the one that turns it on, <see cref="ForwardingTable"/>
/// drops what would pass between the interfaces that were there before, uplinks go on to take their routes from advertisements, and all of
/// it is undone when nothing is there any more that needs it. Where somebody else has turned it on, nothing is changed. All of it is in the
/// namespace of the calling thread.
/// </summary>
public static partial class HostForwarding
{
    private const string Folder = "/run/cnid/forwarding";
    private const string V4 = "net/ipv4/ip_forward";
    private const string V6 = "net/ipv6/conf/all/forwarding";

    /// <summary>What cnid has turned on; null for nothing.</summary>
    public static ForwardingRecord? Find()
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
    public static void Enable(IEnumerable<AddressFamily> families)
    {
        var missing = families.Distinct().Where(family => Sysctl.Read(KeyOf(family)) is not (null or "1")).ToList();
        if (missing.Count == 0)
            return;
        using var alone = Lock();
        using var host = RouteSocket.Open();
        var before = host.Links().Where(link => link.Name != "lo" && !IsOwn(link)).ToList();
        IReadOnlyList<string> names = [.. before.Where(link => link.MasterIndex == 0 && !IsUsed(link)).Select(link => link.Name)];
        var record = Find() ?? new();
        record = record with { Present = [.. record.Present.Union(before.Select(link => link.Name))] };
        if (missing.Contains(AddressFamily.InterNetwork))
            record = record with { Ipv4 = names };
        if (missing.Contains(AddressFamily.InterNetworkV6))
            record = record with { Ipv6 = names,
                AcceptRa = [.. record.AcceptRa.Union(names.Where(name => Sysctl.Read(AcceptRa(name)) == "1"))] };
        Save(record);
        ForwardingTable.Write(record);
        foreach (var name in record.AcceptRa)
            Sysctl.WriteIfThere(AcceptRa(name), "2");
        foreach (var family in missing)
            Sysctl.Write(KeyOf(family), "1");
    }

    /// <summary>Whether the table stands that keeps the host from being a router.</summary>
    public static bool IsKept() => ForwardingTable.IsThere();

    /// <summary>
    /// Keeps the table as it should be: hardware that came meanwhile is the host's own too, and a flush takes the table along.
    /// </summary>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    public static void Guard()
    {
        if (Find() is null)
            return;
        using var alone = Lock();
        if (Find() is not { } record)
            return;
        using var host = RouteSocket.Open();
        var hardware = host.Links().Where(link => link is { Kind: null, MasterIndex: 0 } && link.Name != "lo")
            .Select(link => link.Name).ToList();
        var grown = record with { Ipv4 = With(record.Ipv4, hardware), Ipv6 = With(record.Ipv6, hardware),
            Present = With(record.Present, hardware)! };
        if (grown.Present.Count > record.Present.Count)
            Save(grown);
        if (grown.Present.Count > record.Present.Count || !ForwardingTable.IsThere())
            ForwardingTable.Write(grown);
    }

    /// <summary>
    /// Turns off what cnid has turned on, when no bridge is cnid's or used by it, and no interface is there that was not: whoever made one
    /// may rely on forwarding.
    /// </summary>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    public static void Restore()
    {
        if (Find() is null)
            return;
        using var alone = Lock();
        using var host = RouteSocket.Open();
        if (Find() is not { } record
            || host.Links().Any(link => IsUsed(link)
                || (link is { MasterIndex: 0, Kind: not null } && !record.Present.Contains(link.Name))))
            return;
        if (record.Ipv4 is not null)
            Sysctl.WriteIfThere(V4, "0");
        if (record.Ipv6 is not null)
            Sysctl.WriteIfThere(V6, "0");
        foreach (var key in record.AcceptRa.Select(AcceptRa).Where(key => Sysctl.Read(key) == "2"))
            Sysctl.Write(key, "1");
        ForwardingTable.Delete();
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
        DurableFile.DeleteUnfinishedIn(Folder, DateTimeOffset.MaxValue);
    }

    private static IReadOnlyList<string>? With(IReadOnlyList<string>? names, List<string> more) =>
        names is null ? null : [.. names.Union(more)];

    // A bridge of cnid's, or an administrator's that a network stands on. A record alone says nothing: its bridge may be gone, and the
    // number of its namespace another's by now.
    private static bool IsUsed(Link link) => link.Kind == "bridge" && BridgeRecords.Find(link.Name)?.Describes(link) == true;

    private static bool IsOwn(Link link) =>
        link.Kind == "veth" ? OwnVeth().IsMatch(link.Name) : link.Kind == "bridge" && HostBridge.IsOwn(link);

    private static string KeyOf(AddressFamily family) => family == AddressFamily.InterNetwork ? V4 : V6;

    private static string AcceptRa(string name) => $"net/ipv6/conf/{name}/accept_ra";

    private static FileLock Lock() => FileLock.Take(Path.Combine(Folder, "lock"));

    private static void Save(ForwardingRecord record) =>
        DurableFile.Write(PathOf(), JsonSerializer.SerializeToUtf8Bytes(record, ForwardingJson.Default.ForwardingRecord));

    private static string PathOf()
    {
        using var here = NetworkNamespace.Current();
        return Path.Combine(Folder, $"{here.Identity.Inode}.json");
    }

    // BridgePort.NameOf.
    [GeneratedRegex(@"^veth[0-9a-f]{11}\z")]
    private static partial Regex OwnVeth();
}
