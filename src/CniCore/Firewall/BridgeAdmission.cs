using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Firewall;

/// <summary>
/// The chain in iptables' FORWARD, in both families and in each back end that is in use, that lets a bridge's packets past a policy of
/// DROP, such as Docker's. What must not come in or go out is dropped in a table of nftables by then, so it admits all the rest. Exactly
/// these rules stand in it. In the namespace of the calling thread.
/// </summary>
public static class BridgeAdmission
{
    internal const string Chain = "CNID-FORWARD";
    private const int Attempts = 3;

    /// <summary>Makes the chain and the jump to it what they should be, where they are not. Without bridges they go.</summary>
    /// <param name="bridges">The names of the bridges.</param>
    /// <exception cref="CniPluginException">iptables refuses.</exception>
    public static void Write(IReadOnlyList<string> bridges)
    {
        foreach (var iptables in Iptables.InForce())
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    if (Changes(iptables, bridges) is { Count: > 0 } changes)
                        iptables.Change(changes);
                    break;
                }
                catch (CniPluginException) when (attempt < Attempts)
                {
                    // Somebody changed the rules since they were read.
                }
            }
        }
    }

    /// <summary>What is not as it should be, in iptables' words; empty where all is.</summary>
    /// <param name="bridges">The names of the bridges.</param>
    public static IReadOnlyList<MissingRule> Missing(IReadOnlyList<string> bridges) =>
        [.. Iptables.InForce().SelectMany(iptables =>
            Missing(iptables, bridges).Select(text => new MissingRule($"{iptables.Name} {Chain}", text)))];

    private static IEnumerable<string> Missing(Iptables iptables, IReadOnlyList<string> bridges)
    {
        if (bridges.Count == 0)
            yield break;
        var found = iptables.Rules(Chain);
        List<FilterRule> wanted = [.. Rules(bridges)];
        foreach (var missing in wanted.Where(rule => !found.Any(one => IsSame(one, rule))))
            yield return $"{iptables.Name} -A {Chain} {missing.Text}";
        foreach (var extra in found.Where(rule => !wanted.Any(one => IsSame(rule, one))))
            yield return $"{iptables.Name} -D {Chain} {extra.Text}";
        foreach (var change in ForwardJump.Place(iptables.Rules(ForwardJump.Forward), Chain))
            yield return $"{iptables.Name} {change.Text}";
    }

    private static List<FilterChange> Changes(Iptables iptables, IReadOnlyList<string> bridges)
    {
        var forward = iptables.Rules(ForwardJump.Forward);
        var found = iptables.Rules(Chain);
        if (bridges.Count == 0)
            return iptables.Has(Chain) ? Removal(iptables, forward) : [];
        List<FilterRule> wanted = [.. Rules(bridges)];
        var placing = ForwardJump.Place(forward, Chain);
        var isSame = found.Count == wanted.Count && found.Zip(wanted).All(pair => IsSame(pair.First, pair.Second));
        return isSame
            ? [.. placing]
            : [FilterChange.Make(Chain), FilterChange.Empty(Chain), .. wanted.Select(FilterChange.Append), .. placing];
    }

    // Where a rule of somebody else's leads to the chain, it has to stay; empty, it admits nothing.
    private static List<FilterChange> Removal(Iptables iptables, IReadOnlyList<FilterRule> forward)
    {
        var isOthers = forward.Any(rule => rule.Target == Chain && (rule.IsForeign || !rule.IsForAll));
        return [.. ForwardJump.Remove(forward, Chain), isOthers ? FilterChange.Empty(Chain) : FilterChange.Remove(Chain)];
    }

    private static IEnumerable<FilterRule> Rules(IEnumerable<string> bridges) => bridges.SelectMany(bridge => new FilterRule[]
    {
        new(Chain, FilterRule.Accept) { Match = new(false, bridge, null) },
        new(Chain, FilterRule.Accept) { Match = new(true, bridge, null) },
    });

    private static bool IsSame(FilterRule found, FilterRule wanted) => found with { Handle = 0 } == wanted;
}
