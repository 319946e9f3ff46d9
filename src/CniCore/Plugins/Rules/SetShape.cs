using System.Text.RegularExpressions;
using CniCore.Linux.Nftables;

namespace CniCore.Plugins.Rules;

/// <summary>What a set or map of a table holds: turns an element as nft writes it into the kernel's, and back.</summary>
/// <param name="Name">The set's name.</param>
/// <param name="Key">The types of its key's parts.</param>
/// <param name="Value">Those of a map's values; empty for verdicts and for a set.</param>
internal sealed partial record SetShape(string Name, IReadOnlyList<ElementType> Key, IReadOnlyList<ElementType> Value)
{
    /// <summary>Those of a table, by their names.</summary>
    public static IReadOnlyDictionary<string, SetShape> Of(string rules) => Definition().Matches(rules)
        .Select(match => new SetShape(
            match.Groups["name"].Value,
            ElementType.Parse(match.Groups["key"].Value),
            match.Groups["value"].Value.Trim() is "" or "verdict" ? [] : ElementType.Parse(match.Groups["value"].Value)))
        .ToDictionary(shape => shape.Name, StringComparer.Ordinal);

    public SetElement Encode(RuleElement element, bool keyOnly = false)
    {
        var encoded = new SetElement(Name, Encode(Key, element.Key));
        if (keyOnly)
            return encoded;
        encoded = encoded with { Comment = element.Comment };
        if (element.Value.Split(' ') is ["goto" or "jump", var chain])
            return encoded with { Verdict = (element.Value.StartsWith("goto", StringComparison.Ordinal), chain) };
        return element.Value.Length > 0 ? encoded with { Value = Encode(Value, element.Value) } : encoded;
    }

    public RuleElement Decode(SetElement element) => new(
        Name,
        Decode(Key, element.Key),
        element.Comment,
        element.Verdict is { } verdict ? $"{(verdict.IsGoto ? "goto" : "jump")} {verdict.Chain}" : element.Value is { } value ? Decode(Value, value) : "");

    private static byte[] Encode(IReadOnlyList<ElementType> types, string text)
    {
        var parts = types.Zip(text.Split(" . "), (type, part) => (Type: type, Value: type.Encode(part))).ToList();
        return parts is [var only] ? only.Value : [.. parts.SelectMany(part => Pad(part.Value, part.Type.Padded))];
    }

    private static string Decode(IReadOnlyList<ElementType> types, byte[] value)
    {
        var (parts, at) = (new List<string>(), 0);
        foreach (var type in types)
        {
            parts.Add(type.Decode(value.AsSpan(at, type.Length)));
            at += type.Padded;
        }
        return string.Join(" . ", parts);
    }

    private static byte[] Pad(byte[] value, int length)
    {
        Array.Resize(ref value, length);
        return value;
    }

    [GeneratedRegex(@"(?:set|map) (?<name>\w+) \{ type (?<key>[^;:]+?)(?: : (?<value>[^;]+))?;")]
    private static partial Regex Definition();
}
