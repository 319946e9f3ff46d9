namespace CniCore.Linux.Nftables;

/// <summary>A step of a change to iptables' filter table.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Chain">The chain.</param>
/// <param name="Rule">The rule, where it is about one.</param>
internal sealed record FilterChange(FilterChangeKind Kind, string Chain, FilterRule? Rule = null)
{
    /// <summary>The rule that an inserted one goes before; null: before all.</summary>
    public FilterRule? Before { get; init; }

    /// <summary>The place of an inserted rule, counted from 0, as the chain is when its turn comes.</summary>
    public int Place { get; init; }

    /// <summary>In iptables' words.</summary>
    public string Text => Kind switch
    {
        FilterChangeKind.MakeChain => $"-N {Chain}",
        FilterChangeKind.EmptyChain => $"-F {Chain}",
        FilterChangeKind.RemoveChain => $"-X {Chain}",
        FilterChangeKind.InsertRule => $"-I {Chain} {Place + 1} {Rule!.Text}",
        FilterChangeKind.AppendRule => $"-A {Chain} {Rule!.Text}",
        _ => $"-D {Chain} {Rule!.Text}",
    };

    public static FilterChange Make(string chain) => new(FilterChangeKind.MakeChain, chain);

    /// <summary>Takes all rules out of a chain that is there.</summary>
    public static FilterChange Empty(string chain) => new(FilterChangeKind.EmptyChain, chain);

    public static FilterChange Remove(string chain) => new(FilterChangeKind.RemoveChain, chain);

    public static FilterChange Insert(FilterRule rule) => new(FilterChangeKind.InsertRule, rule.Chain, rule);

    /// <summary>Before a rule that is there.</summary>
    /// <param name="rule">The new one.</param>
    /// <param name="before">The one that is there.</param>
    /// <param name="place">How many stand before it.</param>
    public static FilterChange Insert(FilterRule rule, FilterRule before, int place) =>
        Insert(rule) with { Before = before, Place = place };

    public static FilterChange Append(FilterRule rule) => new(FilterChangeKind.AppendRule, rule.Chain, rule);

    public static FilterChange Delete(FilterRule rule) => new(FilterChangeKind.DeleteRule, rule.Chain, rule);
}
