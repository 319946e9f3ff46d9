namespace CniCore.Linux.Nftables;

/// <summary>An element of a set or map, as the kernel has it.</summary>
/// <param name="Set">The set's or map's name.</param>
/// <param name="Key">Each part of a concatenation padded to four bytes.</param>
public sealed record SetElement(string Set, byte[] Key)
{
    /// <summary>The last key of an interval, of which <see cref="Key"/> is the first; null for one key.</summary>
    public byte[]? KeyEnd { get; init; }

    /// <summary>The kernel's: the interval before ends before this key.</summary>
    public bool IsEnd { get; init; }

    /// <summary>What a map of values has behind the colon.</summary>
    public byte[]? Value { get; init; }

    /// <summary>What a verdict map has there: <c>goto</c> or <c>jump</c>, and the chain.</summary>
    public (bool IsGoto, string Chain)? Verdict { get; init; }

    /// <summary>nft's comment; empty for none, as in a removal.</summary>
    public string Comment { get; init; } = "";

    /// <summary>Put in, it may be there already.</summary>
    public bool IsShared { get; init; }
}
