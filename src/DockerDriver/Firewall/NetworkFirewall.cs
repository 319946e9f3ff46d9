using CniCore.Firewall;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CniCore.Spec;
using DockerDriver.Logging;
using DockerDriver.State;

namespace DockerDriver.Firewall;

/// <summary>The firewall's rules for generated networks: they are made from the networks and endpoints that are stored.</summary>
internal sealed partial class NetworkFirewall(
    StateFolder<StoredNetwork> networks, StateFolder<StoredEndpoint> endpoints, HostFirewall firewall, ILogger<NetworkFirewall> log)
{
    private readonly Lock writing = new();

    private IReadOnlyList<FirewallPolicy> Wanted => Policies(networks.All.Where(network => network.Phase != NetworkPhase.Deleting));

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
                firewall.Write(Wanted);
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
            firewall.Write(Policies(networks.All.Where(network => network.Phase != NetworkPhase.Deleting && network.Id != id)));
            networks.Remove(id);
        }
    }

    /// <summary>Writes the ports that are open by now.</summary>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    public void Update()
    {
        lock (writing)
        {
            firewall.WriteTable(Wanted);
        }
    }

    /// <summary>Writes what is not there, or not any more.</summary>
    /// <param name="mayWrite">Asked for each place that lacks something (<see cref="MissingRule.Place"/>).</param>
    public void Mend(Func<string, bool> mayWrite)
    {
        lock (writing)
        {
            firewall.Restore(Wanted, mayWrite);
        }
    }

    // What refused the rules may refuse to take them back as well; the next network's write does it then. Why it was refused is the
    // caller's answer, whatever comes here.
    private void Unguard(string id)
    {
        try
        {
            networks.Remove(id);
            firewall.Write(Wanted);
        }
        catch (Exception fault) when (fault is CniException or IOException or UnauthorizedAccessException)
        {
            NotTakenBack(ShortId.Of(id), fault.Message);
        }
    }

    private IReadOnlyList<FirewallPolicy> Policies(IEnumerable<StoredNetwork> standing) => NetworkPolicies.Of(standing, endpoints.All);

    [LoggerMessage(LogLevel.Warning,
        "network {Network} was refused, and what was written for it by then cannot be taken back: {Reason}; the next network's rules do "
        + "it")]
    private partial void NotTakenBack(string network, string reason);
}
