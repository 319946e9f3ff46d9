namespace CniCore.Linux.Nftables;

/// <summary>One step of a change to iptables' filter table.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Chain">The chain.</param>
/// <param name="Rule">The rule, where it is about one.</param>
public sealed record FilterChange(FilterChangeKind Kind, string Chain, FilterRule? Rule = null)
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

    /// <summary>Makes a chain, where there is none of that name.</summary>
    public static FilterChange Make(string chain) => new(FilterChangeKind.MakeChain, chain);

    /// <summary>Takes all rules out of a chain that is there.</summary>
    public static FilterChange Empty(string chain) => new(FilterChangeKind.EmptyChain, chain);

    /// <summary>Removes a chain and its rules. EBUSY: another rule jumps to it.</summary>
    public static FilterChange Remove(string chain) => new(FilterChangeKind.RemoveChain, chain);

    /// <summary>Inserts a rule at the head of its chain.</summary>
    public static FilterChange Insert(FilterRule rule) => new(FilterChangeKind.InsertRule, rule.Chain, rule);

    /// <summary>Inserts a rule before one that is there.</summary>
    /// <param name="rule">The new one.</param>
    /// <param name="before">The one that is there.</param>
    /// <param name="place">How many stand before it.</param>
    public static FilterChange Insert(FilterRule rule, FilterRule before, int place) =>
        Insert(rule) with { Before = before, Place = place };

    /// <summary>Appends a rule to its chain.</summary>
    public static FilterChange Append(FilterRule rule) => new(FilterChangeKind.AppendRule, rule.Chain, rule);

    /// <summary>Deletes a rule. ENOENT: it is not there.</summary>
    public static FilterChange Delete(FilterRule rule) => new(FilterChangeKind.DeleteRule, rule.Chain, rule);
}
