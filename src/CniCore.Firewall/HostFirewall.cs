using CniCore.Linux;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Firewall;

/// <summary>
/// The firewall of one host: what generated networks and attachments of lists need there is written, compared and put right here. A process
/// has one for its host; its tables know who else of the process is at work on them.
/// </summary>
public sealed class HostFirewall
{
    /// <summary>For that host.</summary>
    public HostFirewall(HostNetwork host)
    {
        ArgumentNullException.ThrowIfNull(host);
        (Host, Masquerade, Ports, Members, MacSpoof, ForwardChains) = (host, new(host), new(host), new(host), new(host), new(host));
        Traffic = new(host, Members);
    }

    /// <summary>The host.</summary>
    public HostNetwork Host { get; }

    internal MasqueradeTable Masquerade { get; }

    internal PortTable Ports { get; }

    internal MemberTable Members { get; }

    internal MacSpoofTable MacSpoof { get; }

    internal ForwardChains ForwardChains { get; }

    internal TrafficFinder Traffic { get; }

    /// <summary>The tables that attachments share.</summary>
    internal IReadOnlyList<RuleTable> SharedTables => [Ports.Table, Masquerade.Table, Members.Table, MacSpoof.Table];

    /// <summary>Whether iptables' legacy back end is in use.</summary>
    public bool UsesLegacyIptables => LegacyIptables.IsUsed(Host);

    /// <summary>Makes the rules of generated networks what they should be.</summary>
    /// <param name="networks">The policies of all of them; without any, their table and their chain go.</param>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    /// <exception cref="CniPluginException">iptables refuses.</exception>
    public void Write(IReadOnlyList<FirewallPolicy> networks)
    {
        WriteTable(networks);
        ForwardChains.Replace(Wanted(networks));
    }

    /// <summary>The table alone: a network's open ports are other ones now.</summary>
    /// <param name="networks">The policies of all of them.</param>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    public void WriteTable(IReadOnlyList<FirewallPolicy> networks)
    {
        if (Wanted(networks).Tables is [var wanted])
            Host.Nftables.Replace(wanted.Definition);
        else
            Host.Nftables.Delete(NetworkTable.Name);
    }

    /// <summary>What is not as it should be for generated networks; empty where all is.</summary>
    /// <param name="networks">The policies of all of them.</param>
    public IReadOnlyList<MissingRule> Missing(IReadOnlyList<FirewallPolicy> networks) =>
        networks.Count == 0 ? [] : [.. new RuleSnapshot(Host).Missing(Wanted(networks))];

    /// <summary>Writes what <see cref="Missing"/> tells of: a flush takes the table along, an iptables-restore our chain.</summary>
    /// <param name="networks">The policies of all of them.</param>
    /// <param name="mayWrite">Asked for each place that lacks something (<see cref="MissingRule.Place"/>).</param>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    /// <exception cref="CniPluginException">iptables refuses.</exception>
    public void Restore(IReadOnlyList<FirewallPolicy> networks, Func<string, bool> mayWrite)
    {
        List<string> places = [.. Missing(networks).Select(rule => rule.Place).Distinct().Where(mayWrite)];
        if (places.Contains($"{NetworkTable.Name}"))
            WriteTable(networks);
        if (places.Any(place => place != $"{NetworkTable.Name}"))
            ForwardChains.Replace(Wanted(networks));
    }

    /// <summary>STATUS of those who need nftables.</summary>
    /// <exception cref="CniPluginException">Code 50: it does not work here.</exception>
    internal void ThrowIfUnavailable()
    {
        try
        {
            Host.Nftables.Tables();
        }
        catch (NetlinkException fault)
        {
            throw new CniPluginException(CniErrorCode.NotAvailable, "nftables cannot be used", fault.Message, fault);
        }
    }

    private WantedRules Wanted(IReadOnlyList<FirewallPolicy> networks)
    {
        if (networks.Count == 0)
            return WantedRules.Of(networks, []);
        using var routes = Host.OpenRoutes();
        return WantedRules.Of(networks, UplinkBridges.Of(routes));
    }
}
