using System.Net.Sockets;
using CniCore.Linux;
using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Firewall;

/// <summary>
/// Our chains in the FORWARD chain of iptables, in both families and in each back end in use. They accept packets of containers, which a
/// policy of DROP, such as Docker's, would drop. Forbidden packets were dropped in our nf_tables tables before. The rules are for
/// selectors, not for containers: all containers of a bridge share them.
/// </summary>
internal sealed class ForwardChains(HostNetwork host)
{
    /// <summary>The chain of generated networks.</summary>
    public const string NetworkChain = "CNID-FORWARD";

    /// <summary>The chain of the attachments of lists. Processes share it.</summary>
    public const string AttachmentChain = "CNID-CNI";

    /// <summary>The rules of a generated network: everything that its table has not dropped is accepted.</summary>
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
    /// The rules of an attachment of a list. Like the reference, they jump to the administrator's chain, and accept packets from the
    /// container and answers to it; unlike the reference, also packets to published ports.
    /// </summary>
    public static AdmittedTraffic OfAttachment(FirewallPolicy policy, TrafficSelector selector)
    {
        // Over an uplink, only packets that stay within the bridge. The containers' addresses are selectors of their own.
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

    /// <summary>Replaces the rules of the chain; without rules, removes the chain.</summary>
    /// <exception cref="CniPluginException">iptables refuses.</exception>
    public void Replace(WantedRules wanted)
    {
        foreach (var iptables in Iptables.InForce(host))
            new ForwardChain(iptables, wanted.Chain).Replace(wanted.Rules(iptables.Family));
    }

    /// <summary>Adds the rules of an attachment unless they are there.</summary>
    /// <exception cref="CniPluginException">iptables refuses.</exception>
    public void Add(FirewallPolicy policy)
    {
        IReadOnlyList<AdmittedTraffic> admitted = [.. policy.Traffic.Select(selector => OfAttachment(policy, selector))];
        foreach (var iptables in Iptables.InForce(host).Where(backEnd => policy.Families.Contains(backEnd.Family)))
            new ForwardChain(iptables, AttachmentChain).Add([.. admitted.Where(traffic => traffic.IsOf(iptables.Family))],
                policy.AdminChain.Length > 0 ? [policy.AdminChain] : []);
    }

    /// <summary>Removes the rules of selectors, and chains that are empty then. The administrator's chain stays if it has rules.</summary>
    /// <exception cref="CniPluginException">iptables refuses.</exception>
    public void Remove(IReadOnlyList<TrafficSelector> selectors)
    {
        foreach (var iptables in Iptables.InForce(host).Where(backEnd => selectors.Any(selector => selector.IsOf(backEnd.Family))))
            new ForwardChain(iptables, AttachmentChain).Remove(selectors);
    }

    /// <summary>For CHECK: throws if rules of the policy are missing.</summary>
    /// <exception cref="CniPluginException">Rules of a selector are missing.</exception>
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

    /// <summary>All selectors that have rules of attachments.</summary>
    public IReadOnlyList<TrafficSelector> Selectors() => [.. Iptables.InForce(host)
        .SelectMany(iptables => iptables.Rules(AttachmentChain))
        .Select(rule => rule.Match)
        .OfType<FilterMatch>()
        .Select(match => new TrafficSelector(match.Interface, match.Address))
        .Distinct()];
}
