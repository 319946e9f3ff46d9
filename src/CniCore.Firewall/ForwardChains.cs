using System.Net.Sockets;
using CniCore.Linux;
using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Firewall;

/// <summary>
/// The chains in iptables' FORWARD, in both families and in each back end that is in use, that let containers' packets past a policy of
/// DROP, such as Docker's. What must not come in or go out is dropped in our tables of nf_tables by then. Rules for a selector, not for a
/// container: what a hundred containers of a bridge send meets the same few.
/// </summary>
internal sealed class ForwardChains(HostNetwork host)
{
    /// <summary>The chain of generated networks.</summary>
    public const string NetworkChain = "CNID-FORWARD";

    /// <summary>The chain of attachments of lists, which processes share.</summary>
    public const string AttachmentChain = "CNID-CNI";

    /// <summary>A generated network: all that its table lets through.</summary>
    public static AdmittedTraffic OfNetwork(FirewallPolicy network)
    {
        var selector = TrafficSelector.Of(network.Interface);
        return new(selector, network.Families,
        [
            new(NetworkChain, FilterRule.Accept) { Match = selector.To },
            new(NetworkChain, FilterRule.Accept) { Match = selector.From },
        ]);
    }

    /// <summary>
    /// Attachments of a list: as the reference's chain it asks the administrator's, admits what comes from the containers and the answers;
    /// and what was published for them, which the reference leaves to others.
    /// </summary>
    public static AdmittedTraffic OfAttachment(FirewallPolicy policy, TrafficSelector selector)
    {
        // Over an uplink only what stays within the bridge; the containers' addresses are selectors of their own.
        if (policy.Uplinks.Contains(selector))
            return new(selector, policy.Families,
                [new(AttachmentChain, FilterRule.Accept) { Match = selector.From, Also = selector.To }]);
        FilterRule[] asked = policy.AdminChain.Length == 0
            ? []
            : [new(AttachmentChain, policy.AdminChain) { Match = selector.From },
                new(AttachmentChain, policy.AdminChain) { Match = selector.To }];
        return new(selector, policy.Families,
        [
            .. asked,
            new(AttachmentChain, FilterRule.Accept) { Match = selector.To, IsAnswersOnly = true },
            new(AttachmentChain, FilterRule.Accept) { Match = selector.From },
        ]);
    }

    /// <summary>Makes the chain hold exactly these rules; without any it goes.</summary>
    /// <exception cref="CniPluginException">iptables refuses.</exception>
    public void Replace(WantedRules wanted)
    {
        foreach (var iptables in Iptables.InForce(host))
            new ForwardChain(iptables, wanted.Chain).Replace(wanted.Rules(iptables.Family));
    }

    /// <summary>Admits an attachment's traffic where that is not done already.</summary>
    /// <exception cref="CniPluginException">iptables refuses.</exception>
    public void Add(FirewallPolicy policy)
    {
        IReadOnlyList<AdmittedTraffic> admitted = [.. policy.Traffic.Select(selector => OfAttachment(policy, selector))];
        foreach (var iptables in Iptables.InForce(host).Where(backEnd => policy.Families.Contains(backEnd.Family)))
            new ForwardChain(iptables, AttachmentChain).Add([.. admitted.Where(traffic => traffic.IsOf(iptables.Family))],
                policy.AdminChain.Length > 0 ? [policy.AdminChain] : []);
    }

    /// <summary>Takes selectors out, and the chains when they were the last; an administrator's with rules stays.</summary>
    /// <exception cref="CniPluginException">iptables refuses.</exception>
    public void Remove(IReadOnlyList<TrafficSelector> selectors)
    {
        foreach (var iptables in Iptables.InForce(host).Where(backEnd => selectors.Any(selector => selector.IsOf(backEnd.Family))))
            new ForwardChain(iptables, AttachmentChain).Remove(selectors);
    }

    /// <summary>CHECK.</summary>
    /// <exception cref="CniPluginException">A selector's packets are not admitted.</exception>
    public void ThrowIfMissing(FirewallPolicy policy)
    {
        foreach (var iptables in Iptables.InForce(host))
        {
            var chain = new ForwardChain(iptables, AttachmentChain);
            foreach (var admitted in policy.Traffic.Select(selector => OfAttachment(policy, selector))
                .Where(traffic => traffic.IsOf(iptables.Family) && !chain.Holds(traffic.Rules)))
                throw new CniPluginException(CniErrorCode.Internal,
                    $"the firewall does not admit {admitted.Selector.Key}: its rules are missing in iptables' chain {AttachmentChain}");
        }
    }

    /// <summary>All selectors of attachments that have rules.</summary>
    public IReadOnlyList<TrafficSelector> Selectors() => [.. Iptables.InForce(host)
        .SelectMany(iptables => iptables.Rules(AttachmentChain))
        .Select(rule => rule.Match)
        .OfType<FilterMatch>()
        .Select(match => new TrafficSelector(match.Interface, match.Address))
        .Distinct()];
}
