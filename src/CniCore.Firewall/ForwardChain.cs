using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Firewall;

/// <summary>
/// One of our chains in one iptables, to which FORWARD jumps. Its rules are compared with the wanted ones by content and order, and changed
/// in one transaction. The only code that writes to iptables.
/// </summary>
internal sealed class ForwardChain(Iptables iptables, string name)
{
    private const int Attempts = 3;

    private IReadOnlyList<FilterRule> Found => iptables.Rules(name);

    private IReadOnlyList<FilterRule> Forward => iptables.Rules(ForwardJump.Forward);

    /// <summary>Replaces the rules. Without rules, removes the chain and the jump to it.</summary>
    /// <exception cref="CniPluginException">iptables refuses.</exception>
    public void Replace(IReadOnlyList<FilterRule> wanted) => Change(_ => wanted.Count == 0 ? Removal() : Replacement(wanted));

    /// <summary>Adds rules for this traffic. If a rule of a selector is missing, all rules of the selector are written again.</summary>
    /// <param name="wanted">The traffic.</param>
    /// <param name="others">Chains of others that the rules jump to. They are created if missing.</param>
    /// <exception cref="CniPluginException">iptables refuses.</exception>
    public void Add(IReadOnlyList<AdmittedTraffic> wanted, IReadOnlyList<string> others) => Change(_ =>
    {
        var found = Found;
        List<AdmittedTraffic> missing = [.. wanted.Where(traffic => traffic.Rules.Any(rule => !Has(found, rule)))];
        var placing = ForwardJump.Place(Forward, name);
        return missing.Count == 0 && placing.Count == 0 ? [] :
        [
            FilterChange.Make(name),
            .. placing,
            .. others.Select(FilterChange.Make),
            .. found.Where(rule => missing.Any(traffic => traffic.Selector.IsMatchedBy(rule))).Select(FilterChange.Delete),
            .. missing.SelectMany(traffic => traffic.Rules).Select(FilterChange.Append),
        ];
    });

    /// <summary>
    /// Removes the rules of selectors. The chain is removed with its last rule, and so are empty chains of others that only these rules
    /// jumped to.
    /// </summary>
    /// <exception cref="CniPluginException">iptables refuses.</exception>
    public void Remove(IReadOnlyList<TrafficSelector> selectors) => Change(attempt =>
    {
        var found = Found;
        List<FilterRule> gone = [.. found.Where(rule => selectors.Any(selector => selector.IsMatchedBy(rule)))];
        if (gone.Count == 0 && found.Count > 0)
            return [];
        var left = found.Except(gone).Select(rule => rule.Target);
        // Refused if another chain jumps to it too, which is not visible here. The second attempt leaves it.
        var unused = attempt > 1 ? [] : gone.Where(rule => rule.IsJump).Select(rule => rule.Target).Except(left)
            .Where(chain => iptables.Rules(chain).Count == 0);
        return [.. gone.Count < found.Count ? gone.Select(FilterChange.Delete) : Removal(), .. unused.Select(FilterChange.Remove)];
    });

    /// <summary>Whether all of these rules are there and FORWARD jumps to them.</summary>
    public bool Holds(IEnumerable<FilterRule> wanted) =>
        Found is var found && wanted.All(rule => Has(found, rule)) && ForwardJump.Reaches(Forward, name);

    /// <summary>The changes that are needed for these rules, in the syntax of iptables; empty for none.</summary>
    /// <param name="wanted">The rules.</param>
    /// <param name="exactly">Whether other rules in the chain must be removed.</param>
    public IEnumerable<MissingRule> Missing(IReadOnlyList<FilterRule> wanted, bool exactly)
    {
        if (wanted.Count == 0)
            return [];
        var found = Found;
        List<FilterChange> changes =
        [
            .. wanted.Where(rule => !Has(found, rule)).Select(FilterChange.Append),
            .. found.Where(rule => exactly && !wanted.Any(other => IsSame(rule, other))).Select(FilterChange.Delete),
            .. ForwardJump.Place(Forward, name),
        ];
        return changes.Select(change => new MissingRule($"{iptables.Name} {name}", $"{iptables.Name} {change.Text}"));
    }

    private List<FilterChange> Replacement(IReadOnlyList<FilterRule> wanted)
    {
        var (found, placing) = (Found, ForwardJump.Place(Forward, name));
        var isSame = found.Count == wanted.Count && found.Zip(wanted).All(pair => IsSame(pair.First, pair.Second));
        return isSame
            ? [.. placing]
            : [FilterChange.Make(name), FilterChange.Empty(name), .. wanted.Select(FilterChange.Append), .. placing];
    }

    // If a rule of somebody else jumps to the chain, the chain must stay. An empty chain accepts nothing.
    private List<FilterChange> Removal()
    {
        if (!iptables.Has(name))
            return [];
        var forward = Forward;
        var isOthers = forward.Any(rule => rule.Target == name && (rule.IsForeign || !rule.IsForAll));
        return [.. ForwardJump.Remove(forward, name), isOthers ? FilterChange.Empty(name) : FilterChange.Remove(name)];
    }

    // Refused if the rules were changed after they were read.
    private void Change(Func<int, List<FilterChange>> changes)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (changes(attempt) is { Count: > 0 } all)
                    iptables.Change(all);
                return;
            }
            catch (CniPluginException) when (attempt < Attempts)
            {
            }
        }
    }

    private static bool Has(IEnumerable<FilterRule> found, FilterRule wanted) => found.Any(rule => IsSame(rule, wanted));

    private static bool IsSame(FilterRule found, FilterRule wanted) => found with { Handle = 0 } == wanted;
}
