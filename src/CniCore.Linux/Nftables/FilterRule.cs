namespace CniCore.Linux.Nftables;

/// <summary>A rule of iptables' filter table.</summary>
/// <param name="Chain">Its chain.</param>
/// <param name="Target"><see cref="Accept"/>, <see cref="Drop"/>, <see cref="Reject"/>, or the chain it jumps to; empty for anything
/// else.</param>
public sealed record FilterRule(string Chain, string Target)
{
    /// <summary>The packet passes this table.</summary>
    public const string Accept = "ACCEPT";

    /// <summary>The packet is dropped without an answer.</summary>
    public const string Drop = "DROP";

    /// <summary>The packet is dropped, and its sender gets an error.</summary>
    public const string Reject = "REJECT";

    /// <summary>The chain ends for this packet; the calling chain goes on.</summary>
    public const string Return = "RETURN";

    /// <summary>The condition on packets; null for all packets.</summary>
    public FilterMatch? Match { get; init; }

    /// <summary>A second condition, for packets that stay within an interface; null for none.</summary>
    public FilterMatch? Also { get; init; }

    /// <summary>Only expected packets: answers, and packets to published ports.</summary>
    public bool IsAnswersOnly { get; init; }

    /// <summary>It has conditions that no rule of ours has.</summary>
    public bool IsForeign { get; init; }

    /// <summary>It has conditions that the other properties do not express.</summary>
    public bool IsConditional { get; init; }

    /// <summary>The kernel's handle in nf_tables; 0 if unknown.</summary>
    public ulong Handle { get; init; }

    /// <summary>Whether it applies to every packet.</summary>
    public bool IsForAll => Match is null && Also is null && !IsAnswersOnly && !IsConditional;

    /// <summary>Whether it jumps to a chain.</summary>
    public bool IsJump => Target is not ("" or Accept or Drop or Reject or Return);

    /// <summary>The rule in the syntax of iptables, without the chain.</summary>
    public string Text => string.Concat(
        Match is { } match ? $"{match} " : "",
        Also is { } also ? $"{also} " : "",
        IsAnswersOnly ? "-m conntrack --ctstate RELATED,ESTABLISHED,DNAT " : "",
        $"-j {Target}");
}
