using CniCore.Linux.Nftables;

namespace CniCore.Firewall;

/// <summary>An element of a set or map in one of our tables.</summary>
/// <param name="Set">The set's or map's name.</param>
/// <param name="Key">In nft's syntax: <c>10.1.0.2</c>, <c>tcp . 8080</c>.</param>
/// <param name="Comment">Its owner: <see cref="AttachmentTag.ToString"/>.</param>
/// <param name="Value">The value of a map's element; empty for a set.</param>
internal sealed record RuleElement(string Set, string Key, string Comment, string Value = "")
{
    /// <summary>The prefix of the names of chains that belong to one attachment.</summary>
    public const string OwnChainPrefix = "only_";

    /// <summary>The attachment's own chain to which the element jumps, removed with it; null for none.</summary>
    public string? OwnChain =>
        Value.Split(' ') is ["goto" or "jump", var chain] && chain.StartsWith(OwnChainPrefix, StringComparison.Ordinal) ? chain : null;

    /// <summary>The element in nft's syntax. A comment there cannot contain a quote, and an interface name can.</summary>
    public string Text
    {
        get
        {
            var comment = Comment.Replace('"', '\'').ReplaceLineEndings(" ");
            return Value.Length > 0 ? $"{Key} comment \"{comment}\" : {Value}" : $"{Key} comment \"{comment}\"";
        }
    }

    /// <summary>Reads an element of a set from the kernel's form.</summary>
    public static RuleElement Of(NftSet set, SetElement element) =>
        new(set.Name, set.KeyTextOf(element), element.Comment, set.ValueTextOf(element));

    /// <summary>The key in the kernel's form, for a set.</summary>
    public SetElement KeyIn(NftSet set) => new(Set, set.EncodeKey(Key));

    /// <summary>The element in the kernel's form.</summary>
    public SetElement In(NftSet set)
    {
        var element = KeyIn(set) with { Comment = Comment };
        if (Value.Split(' ') is ["goto" or "jump", var chain])
            return element with { Verdict = (Value.StartsWith("goto", StringComparison.Ordinal), chain) };
        return Value.Length > 0 ? element with { Value = set.EncodeValue(Value) } : element;
    }
}
