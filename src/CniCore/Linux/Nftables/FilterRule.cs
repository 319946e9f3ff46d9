namespace CniCore.Linux.Nftables;

/// <summary>A rule of iptables' filter table.</summary>
/// <param name="Chain">Where it stands.</param>
/// <param name="Target"><see cref="Accept"/>, or the chain it jumps to; empty for anything else.</param>
internal sealed record FilterRule(string Chain, string Target)
{
    public const string Accept = "ACCEPT";

    /// <summary>Of what packets; null for all.</summary>
    public FilterMatch? Match { get; init; }

    /// <summary>Only those that are asked for: an answer, or sent on to a port that was published.</summary>
    public bool IsAnswersOnly { get; init; }

    /// <summary>It asks something else, or more: not a rule of ours.</summary>
    public bool IsForeign { get; init; }

    /// <summary>The kernel's name for it in nf_tables; 0 where it is not known.</summary>
    public ulong Handle { get; init; }

    /// <summary>In iptables' words, without the chain.</summary>
    public string Text => string.Concat(
        Match is { } match ? $"{match} " : "",
        IsAnswersOnly ? "-m conntrack --ctstate RELATED,ESTABLISHED,DNAT " : "",
        $"-j {Target}");
}
