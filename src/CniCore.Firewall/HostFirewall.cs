using CniCore.Linux;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Firewall;

/// <summary>
/// The firewall of a host: writes the rules of generated networks and of attachments, compares them with the kernel's, and restores them.
/// One per process and host, since its tables synchronize the process's threads.
/// </summary>
public sealed class HostFirewall
{
    /// <summary>The firewall of that host.</summary>
    public HostFirewall(HostNetwork host)
    {
        ArgumentNullException.ThrowIfNull(host);
        (Host, Masquerade, Ports, Members, ForwardChains) = (host, new(host), new(host), new(host), new(host));
        (MacSpoof, Routers) = (new(host), new(host));
        Traffic = new(host, Members);
    }

    /// <summary>The host.</summary>
    public HostNetwork Host { get; }

    internal MasqueradeTable Masquerade { get; }

    internal PortTable Ports { get; }

    internal MemberTable Members { get; }

    internal MacSpoofTable MacSpoof { get; }

    internal RouterTable Routers { get; }

    internal ForwardChains ForwardChains { get; }

    internal TrafficFinder Traffic { get; }

    /// <summary>The tables that attachments share.</summary>
    internal IReadOnlyList<RuleTable> SharedTables => [Ports.Table, Masquerade.Table, Members.Table, MacSpoof.Table, Routers.Table];

    /// <summary>Whether iptables' legacy back end is in use.</summary>
    public bool UsesLegacyIptables => LegacyIptables.IsUsed(Host);

    /// <summary>Writes the rules of the generated networks.</summary>
    /// <param name="networks">The policies of all generated networks. If empty, their table and chain are removed.</param>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    /// <exception cref="CniPluginException">iptables refuses.</exception>
    public void Write(IReadOnlyList<FirewallPolicy> networks)
    {
        WriteTable(networks);
        ForwardChains.Replace(Wanted(networks));
    }

    /// <summary>Writes only the table of the generated networks, for a change of open ports.</summary>
    /// <param name="networks">The policies of all generated networks.</param>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    public void WriteTable(IReadOnlyList<FirewallPolicy> networks)
    {
        if (Wanted(networks).Tables is [var wanted])
            Host.Nftables.Replace(wanted.Definition);
        else
            Host.Nftables.Delete(NetworkTable.Name);
    }

    /// <summary>The rules of the generated networks that are missing.</summary>
    /// <param name="networks">The policies of all generated networks.</param>
    public IReadOnlyList<MissingRule> Missing(IReadOnlyList<FirewallPolicy> networks) =>
        networks.Count == 0 ? [] : [.. new RuleSnapshot(Host).Missing(Wanted(networks))];

    /// <summary>Writes what <see cref="Missing"/> reports: a flush removes our table, an iptables-restore our chain.</summary>
    /// <param name="networks">The policies of all generated networks.</param>
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

    /// <summary>For STATUS: throws if nftables does not work.</summary>
    /// <exception cref="CniPluginException">Code 50: nftables does not work here.</exception>
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
