namespace CniCore.Linux.Nftables;

/// <summary>A step of a change to iptables' filter table.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Chain">The chain.</param>
/// <param name="Rule">The rule, where it is about one.</param>
internal sealed record FilterChange(FilterChangeKind Kind, string Chain, FilterRule? Rule = null)
{
    public static FilterChange Make(string chain) => new(FilterChangeKind.MakeChain, chain);

    public static FilterChange Remove(string chain) => new(FilterChangeKind.RemoveChain, chain);

    public static FilterChange Insert(FilterRule rule) => new(FilterChangeKind.InsertRule, rule.Chain, rule);

    public static FilterChange Append(FilterRule rule) => new(FilterChangeKind.AppendRule, rule.Chain, rule);

    public static FilterChange Delete(FilterRule rule) => new(FilterChangeKind.DeleteRule, rule.Chain, rule);
}
