using CniCore.Linux.Interop;

namespace CniCore.Linux.Nftables;

/// <summary>A set, or a map if its type has a colon, with its elements.</summary>
public sealed record NftSet
{
    /// <param name="name">Its name.</param>
    /// <param name="type">In nft's syntax: <c>ifname . ifname</c>; for a map <c>ipv4_addr : verdict</c>.</param>
    public NftSet(string name, string type)
    {
        ArgumentNullException.ThrowIfNull(type);
        var parts = type.Split(" : ");
        (Name, Key, Value) = (name, ElementType.Parse(parts[0]), parts.Length > 1 ? ElementType.Parse(parts[1]) : []);
    }

    internal NftSet(string name, IReadOnlyList<ElementType> key, IReadOnlyList<ElementType> value) =>
        (Name, Key, Value) = (name, key, value);

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Whether elements can be networks, <c>10.1.0.0/16</c>.</summary>
    public bool IsInterval { get; init; }

    /// <summary>The types of a key's parts; empty if they are unknown here.</summary>
    public IReadOnlyList<ElementType> Key { get; }

    /// <summary>The types of a map's value; empty for a set.</summary>
    public IReadOnlyList<ElementType> Value { get; }

    /// <summary>The elements; empty until they are read, or given to <see cref="WithElements"/>.</summary>
    public IReadOnlyList<SetElement> Elements { get; init; } = [];

    internal bool IsVerdictMap =>
        Value is [{ Length: var length }] && length == ElementType.Verdict.Length && Value[0] == ElementType.Verdict;

    internal int Flags =>
        (IsInterval ? nf_tables.NFT_SET_INTERVAL : 0) | (Value.Count > 0 ? nf_tables.NFT_SET_MAP : 0) | (IsInterval
            && Key.Count > 1 ? nf_tables.NFT_SET_CONCAT : 0);

    /// <summary>The length of a key in bytes, with each part of a concatenation padded to four.</summary>
    public int KeyLength => LengthOf(Key);

    /// <summary>The length of a map's value in bytes; 0 for a set.</summary>
    public int ValueLength => LengthOf(Value);

    /// <summary>
    /// A copy with these elements in nft's syntax: <c>10.1.0.2 . 80</c>, for a map <c>10.1.0.2 : goto ours</c>. Networks that overlap or
    /// touch are merged.
    /// </summary>
    public NftSet With(IEnumerable<string> elements) => WithElements(elements.Select(Read));

    /// <summary>A copy with these elements, each with a comment.</summary>
    public NftSet With(IEnumerable<(string Element, string Comment)> elements) =>
        WithElements(elements.Select(entry => Read(entry.Element) with { Comment = entry.Comment }));

    /// <summary>The set in nft's syntax, without its braces.</summary>
    internal string TypeText =>
        string.Join(" . ", Key.Select(type => type.Name))
            + (Value.Count > 0 ? " : " + string.Join(" . ", Value.Select(type => type.Name)) : "");

    /// <summary>A copy with these elements. Networks that overlap or touch are merged; duplicate keys are dropped.</summary>
    public NftSet WithElements(IEnumerable<SetElement> elements) =>
        this with
        {
            Elements = IsInterval && Key.Count == 1
            && Value.Count == 0 ? Intervals.Merge(elements) : [.. elements.DistinctBy(element => Convert.ToHexString(element.Key))]
        };

    /// <summary>A copy with the elements that the kernel lists.</summary>
    internal NftSet WithElementsOfKernel(IEnumerable<SetElement> elements) =>
        this with { Elements = IsInterval && Key.Count == 1 ? Intervals.Join(elements) : [.. elements] };

    /// <summary>Encodes a key from nft's text, <c>10.1.0.2 . 80</c>, as the kernel keeps it.</summary>
    public byte[] EncodeKey(string text) => Encode(Key, text);

    internal string TextOf(SetElement element)
    {
        var key = element.KeyEnd is { } end ? Intervals.TextOf(Key, element.Key, end) : Decode(Key, element.Key);
        var comment = element.Comment.Length > 0 ? $" comment \"{element.Comment}\"" : "";
        return key + comment + ValueTextOf(element) switch { "" => "", var value => " : " + value };
    }

    /// <summary>Returns an element's value in nft's text; empty for a set's element.</summary>
    public string ValueTextOf(SetElement element) => element switch
    {
        { Verdict: { } verdict } => $"{(verdict.IsGoto ? "goto" : "jump")} {verdict.Chain}",
        { Value: { } value } => Decode(Value, value),
        _ => "",
    };

    /// <summary>Returns an element's key in nft's text.</summary>
    public string KeyTextOf(SetElement element) => Decode(Key, element.Key);

    /// <summary>Encodes a map's value from nft's text, as the kernel keeps it.</summary>
    public byte[] EncodeValue(string text) => Encode(Value, text);

    internal SetElement Read(string text)
    {
        var parts = text.Split(" : ", 2);
        var element = IsInterval ? Intervals.Read(Name, Key, parts[0]) : new SetElement(Name, EncodeKey(parts[0]));
        if (parts.Length == 1)
            return element;
        return parts[1].Split(' ') is ["goto" or "jump", var chain]
            ? element with { Verdict = (parts[1].StartsWith("goto", StringComparison.Ordinal), chain) }
            : element with { Value = Encode(Value, parts[1]) };
    }

    internal static int LengthOf(IReadOnlyList<ElementType> types) => types is [var only] ? only.Length : types.Sum(type => type.Padded);

    private static byte[] Encode(IReadOnlyList<ElementType> types, string text)
    {
        var parts = text.Split(" . ");
        if (parts.Length != types.Count)
            throw new FormatException($"{text} is no {string.Join(" . ", types.Select(type => type.Name))}");
        return Join(types, parts.Zip(types, (part, type) => type.Encode(part)));
    }

    /// <summary>The parts of a concatenation, each padded to four bytes.</summary>
    internal static byte[] Join(IReadOnlyList<ElementType> types, IEnumerable<byte[]> parts)
    {
        if (types.Count == 1)
            return parts.Single();
        var (joined, at) = (new byte[types.Sum(type => type.Padded)], 0);
        foreach (var (type, part) in types.Zip(parts))
        {
            part.CopyTo(joined, at);
            at += type.Padded;
        }
        return joined;
    }

    private static string Decode(IReadOnlyList<ElementType> types, byte[] value)
    {
        if (types.Count == 0 || value.Length < LengthOf(types))
            return Convert.ToHexStringLower(value);
        var (parts, at) = (new List<string>(), 0);
        foreach (var type in types)
        {
            parts.Add(type.Decode(value.AsSpan(at, type.Length)));
            at += type.Padded;
        }
        return string.Join(" . ", parts);
    }
}
