using CniCore.Firewall;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CniCore.Spec;
using DockerDriver.Logging;
using DockerDriver.State;

namespace DockerDriver.Firewall;

/// <summary>The firewall rules of generated networks, computed from the stored networks and endpoints.</summary>
internal sealed partial class NetworkFirewall(
    StateFolder<StoredNetwork> networks, StateFolder<StoredEndpoint> endpoints, HostFirewall firewall, ILogger<NetworkFirewall> log)
{
    private readonly Lock writing = new();

    private IReadOnlyList<FirewallPolicy> Wanted => Policies(networks.All.Where(network => network.Phase != NetworkPhase.Deleting));

    /// <summary>
    /// Stores a network and writes its rules. Stored first, so that rules never exist without their network. One writer at a time: the
    /// rules are computed from all networks stored by then.
    /// </summary>
    /// <exception cref="NetlinkException">The kernel refuses; the network is not stored.</exception>
    /// <exception cref="CniPluginException">iptables refuses; the network is not stored.</exception>
    public void Add(StoredNetwork added)
    {
        lock (writing)
        {
            networks.Save(added);
            try
            {
                firewall.Write(Wanted);
            }
            catch
            {
                RollBack(added.Id);
                throw;
            }
        }
    }

    /// <summary>Removes a network's rules, then its record.</summary>
    public void Remove(string id)
    {
        lock (writing)
        {
            firewall.Write(Policies(networks.All.Where(network => network.Phase != NetworkPhase.Deleting && network.Id != id)));
            networks.Remove(id);
        }
    }

    /// <summary>Writes the rules for the present open ports.</summary>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    public void Update()
    {
        lock (writing)
        {
            firewall.WriteTable(Wanted);
        }
    }

    /// <summary>Writes missing rules.</summary>
    /// <param name="mayWrite">Called for each place with missing rules (<see cref="MissingRule.Place"/>).</param>
    public void Restore(Func<string, bool> mayWrite)
    {
        lock (writing)
        {
            firewall.Restore(Wanted, mayWrite);
        }
    }

    // The rollback may be refused too; the next network's write completes it. The caller gets the first error.
    private void RollBack(string id)
    {
        try
        {
            networks.Remove(id);
            firewall.Write(Wanted);
        }
        catch (Exception fault) when (fault is CniException or IOException or UnauthorizedAccessException)
        {
            NotRolledBack(ShortId.Of(id), fault.Message);
        }
    }

    private IReadOnlyList<FirewallPolicy> Policies(IEnumerable<StoredNetwork> standing) => NetworkPolicies.Of(standing, endpoints.All);

    [LoggerMessage(LogLevel.Warning,
        "network {Network} was refused, and its rules could not be removed: {Reason}; the next change of rules removes "
        + "them")]
    private partial void NotRolledBack(string network, string reason);
}
