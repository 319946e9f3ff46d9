using CniCore.Firewall;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CniCore.Plugins.Rules;
using CniCore.Spec;
using DockerDriver.Logging;
using DockerDriver.State;

namespace DockerDriver.Firewall;

/// <summary>
/// The bridges of generated networks: who may talk across them, and their end. An nftables table of ours only ever drops: that
/// is final whatever another table accepts, so it works beside Docker's rules in either back end, before and after it rewrites them.
/// A chain of ours in iptables' FORWARD admits what is left, past Docker's policy of DROP.
/// </summary>
internal sealed partial class Bridges(
    StateFolder<StoredNetwork> networks, StateFolder<StoredEndpoint> endpoints, ILogger<Bridges> log)
{
    private const string Place = "inet " + BridgeGuard.Table;
    private static readonly string[] LegacyTables = ["/proc/net/ip_tables_names", "/proc/net/ip6_tables_names"];
    private readonly Lock writing = new();

    private IReadOnlyCollection<StoredNetwork> Standing => [.. networks.All.Where(network => network.Phase != NetworkPhase.Deleting)];

    /// <summary>
    /// Stores a network and guards it. One writer: what is written is made from all networks that are stored by then, and another that
    /// comes at the same moment waits. It is stored first: what guards it never stays without it.
    /// </summary>
    /// <exception cref="NetlinkException">The kernel refuses; the network is not stored.</exception>
    /// <exception cref="CniPluginException">iptables refuses; the network is not stored.</exception>
    public void Guard(StoredNetwork added)
    {
        lock (writing)
        {
            networks.Save(added);
            try
            {
                Write(Standing);
            }
            catch
            {
                Unguard(added.Id);
                throw;
            }
        }
    }

    /// <summary>Removes what guards a network, then forgets it.</summary>
    public void Forget(string id)
    {
        lock (writing)
        {
            Write([.. Standing.Where(network => network.Id != id)]);
            networks.Remove(id);
        }
    }

    /// <summary>Writes the ports that are open by now.</summary>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    public void Update()
    {
        lock (writing)
        {
            WriteTable(Standing);
        }
    }

    /// <summary>Writes what is not there, or not any more: a flush takes the table along, an iptables-restore our chain.</summary>
    /// <param name="mayWrite">Asked for each place that lacks something (<see cref="MissingRule.Place"/>).</param>
    public void Mend(Func<string, bool> mayWrite)
    {
        lock (writing)
        {
            var all = Standing;
            var writes = Missing(all, endpoints.All).Select(rule => rule.Place).Distinct().Where(mayWrite).ToList();
            if (writes.Contains(Place))
                WriteTable(all);
            if (writes.Any(place => place != Place))
                BridgeAdmission.Write(NamesOf(all));
        }
    }

    /// <summary>What is not as it should be for these networks.</summary>
    /// <param name="networks">All of them.</param>
    /// <param name="endpoints">All of theirs.</param>
    public static IReadOnlyList<MissingRule> Missing(
        IReadOnlyCollection<StoredNetwork> networks, IReadOnlyCollection<StoredEndpoint> endpoints) =>
        networks.All(network => network.Bridge is null)
            ? []
            : [.. MissingInTable(networks, endpoints), .. BridgeAdmission.Missing(NamesOf(networks))];

    /// <summary>Whether iptables' legacy back end is in use.</summary>
    public static bool HasLegacyRules() =>
        LegacyTables.Any(path => File.Exists(path) && File.ReadLines(path).Contains("filter"));

    // What refused the rules may refuse to take them back as well; the next network's write does it then. Why it was refused is the
    // caller's answer, whatever comes here.
    private void Unguard(string id)
    {
        try
        {
            networks.Remove(id);
            Write(Standing);
        }
        catch (Exception fault) when (fault is CniException or IOException or UnauthorizedAccessException)
        {
            NotTakenBack(ShortId.Of(id), fault.Message);
        }
    }

    private void Write(IReadOnlyCollection<StoredNetwork> networks)
    {
        WriteTable(networks);
        BridgeAdmission.Write(NamesOf(networks));
    }

    private static IEnumerable<MissingRule> MissingInTable(
        IReadOnlyCollection<StoredNetwork> networks, IReadOnlyCollection<StoredEndpoint> endpoints)
    {
        var wanted = Table(networks, endpoints)!;
        using var socket = NftSocket.Open();
        return wanted.Differences(socket.Read(wanted.Table)).Select(text => new MissingRule(Place, text));
    }

    private void WriteTable(IReadOnlyCollection<StoredNetwork> networks)
    {
        using var socket = NftSocket.Open();
        if (Table(networks, endpoints.All) is { } wanted)
            socket.Replace(wanted);
        else
            socket.Delete(NftTable.Parse(Place));
    }

    // Null where no network is generated.
    private static TableDefinition? Table(IReadOnlyCollection<StoredNetwork> networks, IReadOnlyCollection<StoredEndpoint> endpoints)
    {
        var bridges = networks.Select(network => network.Bridge).OfType<GeneratedBridge>().ToList();
        if (bridges.Count == 0)
            return null;
        using var route = RouteSocket.Open();
        return BridgeGuard.Definition(bridges, UplinkBridges.Of(route), [.. endpoints.SelectMany(endpoint => endpoint.OpenPorts)]);
    }

    private static string[] NamesOf(IEnumerable<StoredNetwork> networks) =>
        [.. networks.Select(network => network.Bridge?.Name).OfType<string>()];

    [LoggerMessage(LogLevel.Warning,
        "network {Network} was refused, and what was written for it by then cannot be taken back: {Reason}; the next network's rules do it")]
    private partial void NotTakenBack(string network, string reason);
}
