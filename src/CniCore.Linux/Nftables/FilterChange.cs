namespace CniCore.Linux.Nftables;

/// <summary>One step of a change to iptables' filter table.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Chain">The chain.</param>
/// <param name="Rule">The rule, if the change is about one.</param>
public sealed record FilterChange(FilterChangeKind Kind, string Chain, FilterRule? Rule = null)
{
    /// <summary>The rule before which another one is inserted; null for the head of the chain.</summary>
    public FilterRule? Before { get; init; }

    /// <summary>The position of an inserted rule, from 0, at the time of the change.</summary>
    public int Place { get; init; }

    /// <summary>The change in the syntax of iptables.</summary>
    public string Text => Kind switch
    {
        FilterChangeKind.MakeChain => $"-N {Chain}",
        FilterChangeKind.EmptyChain => $"-F {Chain}",
        FilterChangeKind.RemoveChain => $"-X {Chain}",
        FilterChangeKind.InsertRule => $"-I {Chain} {Place + 1} {Rule!.Text}",
        FilterChangeKind.AppendRule => $"-A {Chain} {Rule!.Text}",
        _ => $"-D {Chain} {Rule!.Text}",
    };

    /// <summary>Creates a chain, unless it exists.</summary>
    public static FilterChange Make(string chain) => new(FilterChangeKind.MakeChain, chain);

    /// <summary>Deletes all rules of an existing chain.</summary>
    public static FilterChange Empty(string chain) => new(FilterChangeKind.EmptyChain, chain);

    /// <summary>Removes a chain and its rules. EBUSY: another rule jumps to it.</summary>
    public static FilterChange Remove(string chain) => new(FilterChangeKind.RemoveChain, chain);

    /// <summary>Inserts a rule at the head of its chain.</summary>
    public static FilterChange Insert(FilterRule rule) => new(FilterChangeKind.InsertRule, rule.Chain, rule);

    /// <summary>Inserts a rule before an existing one.</summary>
    /// <param name="rule">The new rule.</param>
    /// <param name="before">The existing rule.</param>
    /// <param name="place">The number of rules before it.</param>
    public static FilterChange Insert(FilterRule rule, FilterRule before, int place) =>
        Insert(rule) with { Before = before, Place = place };

    /// <summary>Appends a rule to its chain.</summary>
    public static FilterChange Append(FilterRule rule) => new(FilterChangeKind.AppendRule, rule.Chain, rule);

    /// <summary>Deletes a rule. ENOENT: it is not there.</summary>
    public static FilterChange Delete(FilterRule rule) => new(FilterChangeKind.DeleteRule, rule.Chain, rule);
}
