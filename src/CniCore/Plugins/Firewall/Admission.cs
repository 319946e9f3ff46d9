using System.Net.Sockets;
using CniCore.Firewall;
using CniCore.Linux.Nftables;
using CniCore.Plugins.Rules;
using CniCore.Spec;

namespace CniCore.Plugins.Firewall;

/// <summary>
/// The chain in iptables' FORWARD that lets the containers' packets past a policy of DROP, such as Docker's. Rules for a passage, not for
/// an attachment: what a hundred containers of a bridge send meets four. As the reference's it asks the administrator's chain, admits what
/// comes from the containers and the answers; and what was published for them, which the reference leaves to others. Unlike the reference's
/// it does not stand first (<see cref="ForwardJump"/>).
/// </summary>
internal static class Admission
{
    private const string Chain = "CNID-CNI";
    private const int Attempts = 3;

    /// <summary>Admits passages where that is not done already.</summary>
    /// <param name="adminChain">The administrator's chain; empty for none.</param>
    /// <param name="passages">The passages.</param>
    /// <param name="families">The families the containers have addresses of.</param>
    public static void Open(string adminChain, IReadOnlyList<Passage> passages, IReadOnlySet<AddressFamily> families)
    {
        foreach (var iptables in Iptables.InForce().Where(one => families.Contains(one.Family)))
        {
            var placing = ForwardJump.Place(iptables.Rules(ForwardJump.Forward), Chain);
            var rules = iptables.Rules(Chain);
            List<Passage> missing = [.. passages.Where(passage => passage.IsOf(iptables.Family) && !Admit(rules, passage, adminChain))];
            if (missing.Count == 0 && placing.Count == 0)
                continue;
            iptables.Change(
            [
                FilterChange.Make(Chain),
                .. placing,
                .. adminChain.Length > 0 ? (FilterChange[])[FilterChange.Make(adminChain)] : [],
                // an administrator's chain is asked first
                .. rules.Where(rule => missing.Any(passage => Concerns(rule, passage))).Select(FilterChange.Delete),
                .. missing.SelectMany(passage => RulesFor(passage, adminChain)).Select(FilterChange.Append),
            ]);
        }
    }

    /// <summary>Takes passages out, and the chains when they were the last; an administrator's with rules stays.</summary>
    public static void Close(IReadOnlyList<Passage> passages)
    {
        foreach (var iptables in Iptables.InForce())
        {
            if (passages.Any(passage => passage.IsOf(iptables.Family)))
                Close(iptables, passages);
        }
    }

    /// <summary>CHECK.</summary>
    /// <exception cref="CniPluginException">A passage is not admitted.</exception>
    public static void ThrowIfClosed(string adminChain, IReadOnlyList<Passage> passages, IReadOnlySet<AddressFamily> families)
    {
        foreach (var iptables in Iptables.InForce().Where(one => families.Contains(one.Family)))
        {
            var rules = IsReached(iptables) ? iptables.Rules(Chain) : [];
            foreach (var passage in passages.Where(passage => passage.IsOf(iptables.Family) && !Admit(rules, passage, adminChain)))
                throw new CniPluginException(CniErrorCode.Internal,
                    $"the firewall does not admit {passage.Key}: its rules are missing in iptables' chain {Chain}");
        }
    }

    /// <summary>What of their rules is not there.</summary>
    public static IEnumerable<MissingRule> Missing(
        string adminChain, IReadOnlyList<Passage> passages, IReadOnlySet<AddressFamily> families, RuleSnapshot found) =>
        from iptables in found.Iptables
        where families.Contains(iptables.Family)
        from text in ForwardJump.Place(found.Rules(iptables, ForwardJump.Forward), Chain).Select(change => change.Text)
            .Concat(passages.Where(passage => passage.IsOf(iptables.Family))
                .SelectMany(passage => RulesFor(passage, adminChain))
                .Where(wanted => !found.Rules(iptables, Chain).Any(rule => rule with { Handle = 0 } == wanted))
                .Select(wanted => $"-A {Chain} {wanted.Text}"))
        select new MissingRule($"{iptables.Name} {Chain}", $"{iptables.Name} {text}");

    /// <summary>All passages that have rules.</summary>
    public static IReadOnlyList<Passage> Passages() => [.. Iptables.InForce()
        .SelectMany(iptables => iptables.Rules(Chain))
        .Select(rule => rule.Match)
        .OfType<FilterMatch>()
        .Select(match => new Passage(match.Interface, match.Address))
        .Distinct()];

    private static void Close(Iptables iptables, IReadOnlyList<Passage> passages)
    {
        for (var attempt = 1; ; attempt++)
        {
            // Refused where another plugin's chain asks the administrator's, which then stays, and where somebody changed the rules
            // meanwhile.
            var changes = Closing(iptables, passages, withAdmins: attempt == 1);
            try
            {
                if (changes.Count > 0)
                    iptables.Change(changes);
                return;
            }
            catch (CniPluginException) when (attempt < Attempts)
            {
            }
        }
    }

    private static List<FilterChange> Closing(Iptables iptables, IReadOnlyList<Passage> passages, bool withAdmins)
    {
        var rules = iptables.Rules(Chain);
        List<FilterRule> gone = [.. rules.Where(rule => passages.Any(passage => Concerns(rule, passage)))];
        if (gone.Count == 0 && (rules.Count > 0 || !iptables.Has(Chain))) // one that was flushed goes as well
            return [];
        List<FilterChange> changes = gone.Count < rules.Count
            ? [.. gone.Select(FilterChange.Delete)]
            : [.. ForwardJump.Remove(iptables.Rules(ForwardJump.Forward), Chain), FilterChange.Remove(Chain)];
        if (withAdmins)
        {
            var asked = gone.Select(rule => rule.Target).Except(rules.Except(gone).Select(rule => rule.Target))
                .Where(target => target != FilterRule.Accept);
            changes.AddRange(asked.Where(admin => iptables.Rules(admin).Count == 0).Select(FilterChange.Remove));
        }
        return changes;
    }

    private static IEnumerable<FilterRule> RulesFor(Passage passage, string adminChain)
    {
        // Over an uplink only what stays within the bridge; the containers' addresses are passages of their own.
        if (passage.IsUplink())
            return [new(Chain, FilterRule.Accept) { Match = passage.From, Also = passage.To }];
        FilterRule[] asked = adminChain.Length == 0
            ? []
            : [new(Chain, adminChain) { Match = passage.From }, new(Chain, adminChain) { Match = passage.To }];
        return
        [
            .. asked,
            new(Chain, FilterRule.Accept) { Match = passage.To, IsAnswersOnly = true },
            new(Chain, FilterRule.Accept) { Match = passage.From },
        ];
    }

    private static bool IsReached(Iptables iptables) => ForwardJump.Reaches(iptables.Rules(ForwardJump.Forward), Chain);

    private static bool Admit(IReadOnlyList<FilterRule> rules, Passage passage, string adminChain) =>
        RulesFor(passage, adminChain).All(wanted => rules.Any(rule => rule with { Handle = 0 } == wanted));

    private static bool Concerns(FilterRule rule, Passage passage) =>
        rule.Match is { } match && !rule.IsForeign && (match == passage.From || match == passage.To);
}
