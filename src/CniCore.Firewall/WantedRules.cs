using System.Net.Sockets;
using CniCore.Linux.Nftables;

namespace CniCore.Firewall;

/// <summary>
/// The rules that should stand on the host by policies, as plain data: they can be printed, compared with what stands, and written.
/// </summary>
/// <param name="Tables">In nf_tables. All of them drop, translate or let others decide; what one drops, no other rule brings back.</param>
/// <param name="Chain">The chain of ours in iptables' FORWARD.</param>
/// <param name="Admitted">What is admitted there, past a policy of DROP.</param>
internal sealed record WantedRules(IReadOnlyList<WantedTable> Tables, string Chain, IReadOnlyList<AdmittedTraffic> Admitted)
{
    /// <summary>Whether others' rules stand in the tables and the chain too; else these are all.</summary>
    public bool IsShared { get; init; }

    /// <summary>
    /// In the words of nft and iptables, as if nobody else had anything there; what is the same in both families once.
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

    /// <summary>All generated networks.</summary>
    /// <param name="networks">Their policies.</param>
    /// <param name="uplinks">Bridges over which the host reaches the world.</param>
    public static WantedRules Of(IReadOnlyList<FirewallPolicy> networks, IReadOnlyList<string> uplinks) => new(
        networks.Count == 0 ? [] : [new(NetworkTable.Definition(networks, uplinks))],
        ForwardChains.NetworkChain,
        [.. networks.Select(ForwardChains.OfNetwork)]);

    /// <summary>One attachment of a list, beside others.</summary>
    /// <param name="tag">The attachment.</param>
    /// <param name="policy">What its plugins ask for.</param>
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
        return new(tables, ForwardChains.AttachmentChain,
            [.. policy.Traffic.Select(traffic => ForwardChains.OfAttachment(policy, traffic))])
        {
            IsShared = true,
        };
    }

    /// <summary>The rules of <see cref="Chain"/> in iptables of one family.</summary>
    public IReadOnlyList<FilterRule> Rules(AddressFamily family) =>
        [.. Admitted.Where(traffic => traffic.IsOf(family)).SelectMany(traffic => traffic.Rules)];

    private string TextOf(IReadOnlyList<FilterRule> rules) => rules.Count == 0 ? "" : string.Concat(
    [
        $"{FilterChange.Make(Chain).Text}\n",
        .. rules.Select(rule => $"{FilterChange.Append(rule).Text}\n"),
        .. ForwardJump.Place([], Chain).Select(change => $"{change.Text}\n"),
    ]);
}
