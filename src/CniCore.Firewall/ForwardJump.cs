using CniCore.Linux.Nftables;

namespace CniCore.Firewall;

/// <summary>
/// The position of the jump to one of our chains in FORWARD. Our chains accept packets, so every chain that may drop them must come first:
/// the administrator's (DOCKER-USER), the engine's, those of plugins. Hence the jump comes as late as possible: after all chains of others
/// to which every packet goes, and before the rule that drops the rest. See docs/design/003.
/// </summary>
internal static class ForwardJump
{
    public const string Forward = "FORWARD";
    private const string DockerUser = "DOCKER-USER";
    private const string OurPrefix = "CNID-";

    // ufw's last chains. One of them rejects what nothing has accepted, depending on ufw's policy.
    private static readonly string[] Refusing = ["ufw-reject-forward", "ufw-track-forward"];

    /// <summary>The changes that move the jump to its position; none if it is there.</summary>
    /// <param name="forward">The rules of FORWARD.</param>
    /// <param name="chain">The chain to which the jump leads.</param>
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

    /// <summary>The changes that remove the jump.</summary>
    public static IEnumerable<FilterChange> Remove(IReadOnlyList<FilterRule> forward, string chain) =>
        forward.Where(rule => IsTo(rule, chain)).Select(FilterChange.Delete);

    /// <summary>Whether the jump is there.</summary>
    public static bool Reaches(IReadOnlyList<FilterRule> forward, string chain) => forward.Any(rule => IsTo(rule, chain));

    private static bool IsTo(FilterRule rule, string chain) => rule.Target == chain && rule.IsForAll && !rule.IsForeign;

    private static bool IsAskedFirst(FilterRule rule) =>
        rule.IsJump && rule.IsForAll && !rule.Target.StartsWith(OurPrefix, StringComparison.Ordinal) && !Refusing.Contains(rule.Target);

    // A rule before DOCKER-USER that drops everything is the administrator's, for an emergency: our jump stays after it. -1 for none.
    private static int Refusal(List<FilterRule> others) =>
        others.FindIndex(others.FindIndex(rule => rule.Target == DockerUser) + 1, rule =>
            rule.IsForAll && (rule.Target is FilterRule.Drop or FilterRule.Reject || Refusing.Contains(rule.Target)));
}
