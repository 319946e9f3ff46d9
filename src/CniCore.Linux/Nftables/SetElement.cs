namespace CniCore.Linux.Nftables;

/// <summary>An element of a set or map, in the kernel's form.</summary>
/// <param name="Set">The set's or map's name.</param>
/// <param name="Key">The key, with each part of a concatenation padded to four bytes.</param>
public sealed record SetElement(string Set, byte[] Key)
{
    /// <summary>The last key of an interval that starts with <see cref="Key"/>; null for a single key.</summary>
    public byte[]? KeyEnd { get; init; }

    /// <summary>Whether it marks the end of an interval: the key after its last one.</summary>
    public bool IsEnd { get; init; }

    /// <summary>The value of a map.</summary>
    public byte[]? Value { get; init; }

    /// <summary>The verdict of a verdict map: <c>goto</c> or <c>jump</c>, and the chain.</summary>
    public (bool IsGoto, string Chain)? Verdict { get; init; }

    /// <summary>nft's comment; empty for none, and for a removal.</summary>
    public string Comment { get; init; } = "";

    /// <summary>Whether it may exist already when it is added.</summary>
    public bool IsShared { get; init; }
}
