using System.Net.Sockets;
using CniCore.Linux.Nftables;

namespace CniCore.Firewall;

/// <summary>The rules that follow from policies, as data: they can be printed, compared with the host's, and written.</summary>
/// <param name="Tables">The tables of nf_tables. They drop and translate; a drop is final.</param>
/// <param name="Chain">Our chain in FORWARD of iptables.</param>
/// <param name="Admitted">The traffic that the chain accepts.</param>
internal sealed record WantedRules(IReadOnlyList<WantedTable> Tables, string Chain, IReadOnlyList<AdmittedTraffic> Admitted)
{
    /// <summary>Whether tables and chain also contain rules of others.</summary>
    public bool IsShared { get; init; }

    /// <summary>
    /// The rules in the syntax of nft and iptables, without those of others. Rules that are the same in both families appear once.
    /// </summary>
    public string Text => string.Concat(
    [
        .. Tables.Select(table => table.Alone.Text),
        .. new[] { (Name: "iptables", Family: AddressFamily.InterNetwork), (Name: "ip6tables", Family: AddressFamily.InterNetworkV6) }
            .Select(chain => (chain.Name, Rules: TextOf(Rules(chain.Family))))
            .Where(chain => chain.Rules.Length > 0)
            .GroupBy(chain => chain.Rules, chain => chain.Name)
            .Select(alike => $"# {string.Join(", ", alike)}\n{alike.Key}"),
    ]);

    /// <summary>The rules of all generated networks.</summary>
    /// <param name="networks">Their policies.</param>
    /// <param name="uplinks">Bridges that are uplinks of the host.</param>
    public static WantedRules Of(IReadOnlyList<FirewallPolicy> networks, IReadOnlyList<string> uplinks) => new(
        networks.Count == 0 ? [] : [new(NetworkTable.Definition(networks, uplinks))],
        ForwardChains.NetworkChain,
        [.. networks.Select(ForwardChains.OfNetwork)]);

    /// <summary>The rules of one attachment of a list.</summary>
    /// <param name="tag">The attachment.</param>
    /// <param name="policy">The policy of the attachment.</param>
    public static WantedRules Of(AttachmentTag tag, FirewallPolicy policy)
    {
        var tables = new List<WantedTable>();
        if (policy.Traffic.Count > 0)
            tables.Add(MemberTable.Wanted(tag, policy));
        if (policy.Translations.Count > 0)
            tables.Add(MasqueradeTable.Wanted(tag, policy.Translations));
        if (policy.Published.Any(published => published.Ports.Count > 0))
            tables.Add(PortTable.Wanted(tag, policy.Published));
        if (policy.Senders.Count > 0)
            tables.Add(MacSpoofTable.Wanted(tag, policy.Senders));
        if (policy.Nodes.Count > 0)
            tables.Add(RouterTable.Wanted(tag, policy.Nodes));
        return new(tables, ForwardChains.AttachmentChain,
            [.. policy.Traffic.Select(traffic => ForwardChains.OfAttachment(policy, traffic))])
        {
            IsShared = true,
        };
    }

    /// <summary>The rules of <see cref="Chain"/> for iptables of one family.</summary>
    public IReadOnlyList<FilterRule> Rules(AddressFamily family) =>
        [.. Admitted.Where(traffic => traffic.IsOf(family)).SelectMany(traffic => traffic.Rules)];

    private string TextOf(IReadOnlyList<FilterRule> rules) => rules.Count == 0 ? "" : string.Concat(
    [
        $"{FilterChange.Make(Chain).Text}\n",
        .. rules.Select(rule => $"{FilterChange.Append(rule).Text}\n"),
        .. ForwardJump.Place([], Chain).Select(change => $"{change.Text}\n"),
    ]);
}
