using CniCore.Linux.Nftables;

namespace CniCore.Firewall;

/// <summary>
/// Where the jump to a chain of ours stands in iptables' FORWARD. Our chains admit, so whoever forbids has to be asked before: the
/// administrator (DOCKER-USER), the engine, plugins with a policy. Hence as late as can be: behind all chains of others that every packet
/// is sent to, and before what refuses the rest. See docs/design/003.
/// </summary>
internal static class ForwardJump
{
    public const string Forward = "FORWARD";
    private const string DockerUser = "DOCKER-USER";
    private const string OurPrefix = "CNID-";

    // ufw's last chains, one of which refuses what none has admitted where its policy says so.
    private static readonly string[] Refusing = ["ufw-reject-forward", "ufw-track-forward"];

    /// <summary>The changes that put it where it belongs; none where it stands well.</summary>
    /// <param name="forward">The rules of FORWARD.</param>
    /// <param name="chain">The chain it leads to.</param>
    public static IReadOnlyList<FilterChange> Place(IReadOnlyList<FilterRule> forward, string chain)
    {
        List<FilterRule> ours = [.. forward.Where(rule => IsTo(rule, chain))];
        List<FilterRule> others = [.. forward.Where(rule => !IsTo(rule, chain))];
        var refusal = Refusal(others);
        var lastAsked = others.FindLastIndex(refusal < 0 ? others.Count - 1 : refusal, IsAskedFirst);
        if (ours.Count == 1 && forward.TakeWhile(rule => rule != ours[0]).Count() > lastAsked)
            return [];
        var jump = new FilterRule(Forward, chain);
        return [.. ours.Select(FilterChange.Delete), refusal < 0
            ? FilterChange.Append(jump)
            : FilterChange.Insert(jump, others[refusal], refusal)];
    }

    /// <summary>The changes that take it away.</summary>
    public static IEnumerable<FilterChange> Remove(IReadOnlyList<FilterRule> forward, string chain) =>
        forward.Where(rule => IsTo(rule, chain)).Select(FilterChange.Delete);

    /// <summary>Whether every packet that no one refuses before comes to the chain.</summary>
    public static bool Reaches(IReadOnlyList<FilterRule> forward, string chain) => forward.Any(rule => IsTo(rule, chain));

    private static bool IsTo(FilterRule rule, string chain) => rule.Target == chain && rule.IsForAll && !rule.IsForeign;

    private static bool IsAskedFirst(FilterRule rule) =>
        rule.IsJump && rule.IsForAll && !rule.Target.StartsWith(OurPrefix, StringComparison.Ordinal) && !Refusing.Contains(rule.Target);

    // What an administrator puts before DOCKER-USER, to stop everything, is no end of the list but holds for us too. -1 for none.
    private static int Refusal(List<FilterRule> others) =>
        others.FindIndex(others.FindIndex(rule => rule.Target == DockerUser) + 1, rule =>
            rule.IsForAll && (rule.Target is FilterRule.Drop or FilterRule.Reject || Refusing.Contains(rule.Target)));
}
