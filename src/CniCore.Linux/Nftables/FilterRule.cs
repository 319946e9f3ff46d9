namespace CniCore.Linux.Nftables;

/// <summary>A rule of iptables' filter table.</summary>
/// <param name="Chain">Where it stands.</param>
/// <param name="Target"><see cref="Accept"/>, <see cref="Drop"/>, <see cref="Reject"/>, or the chain it jumps to; empty for anything
/// else.</param>
public sealed record FilterRule(string Chain, string Target)
{
    /// <summary>The packet passes this table.</summary>
    public const string Accept = "ACCEPT";

    /// <summary>The packet is dropped without an answer.</summary>
    public const string Drop = "DROP";

    /// <summary>The packet is dropped, and its sender told.</summary>
    public const string Reject = "REJECT";

    /// <summary>The chain ends for this packet; the calling chain goes on.</summary>
    public const string Return = "RETURN";

    /// <summary>Of what packets; null for all.</summary>
    public FilterMatch? Match { get; init; }

    /// <summary>What is asked besides, of packets that cross an interface to itself; null for nothing.</summary>
    public FilterMatch? Also { get; init; }

    /// <summary>Only those that are asked for: an answer, or sent on to a port that was published.</summary>
    public bool IsAnswersOnly { get; init; }

    /// <summary>It asks something else, or more: not a rule of ours.</summary>
    public bool IsForeign { get; init; }

    /// <summary>It asks something that the other properties do not tell.</summary>
    public bool IsConditional { get; init; }

    /// <summary>The kernel's name for it in nf_tables; 0 where it is not known.</summary>
    public ulong Handle { get; init; }

    /// <summary>Whether it concerns every packet.</summary>
    public bool IsForAll => Match is null && Also is null && !IsAnswersOnly && !IsConditional;

    /// <summary>Whether it leads to a chain.</summary>
    public bool IsJump => Target is not ("" or Accept or Drop or Reject or Return);

    /// <summary>In iptables' words, without the chain.</summary>
    public string Text => string.Concat(
        Match is { } match ? $"{match} " : "",
        Also is { } also ? $"{also} " : "",
        IsAnswersOnly ? "-m conntrack --ctstate RELATED,ESTABLISHED,DNAT " : "",
        $"-j {Target}");
}
