using CniCore.Linux.Nftables;

namespace CniCore.Firewall;

/// <summary>An element of a set or map in one of our tables.</summary>
/// <param name="Set">The set's or map's name.</param>
/// <param name="Key">As nft writes it: <c>10.1.0.2</c>, <c>tcp . 8080</c>.</param>
/// <param name="Comment">Whose it is: <see cref="AttachmentTag.ToString"/>.</param>
/// <param name="Value">What a map has behind the colon; empty for a set.</param>
internal sealed record RuleElement(string Set, string Key, string Comment, string Value = "")
{
    /// <summary>What the name of a chain begins with that one attachment has to itself.</summary>
    public const string OwnChainPrefix = "only_";

    /// <summary>The chain of the attachment's own that it leads to, which goes with it; null for none.</summary>
    public string? OwnChain =>
        Value.Split(' ') is ["goto" or "jump", var chain] && chain.StartsWith(OwnChainPrefix, StringComparison.Ordinal) ? chain : null;

    /// <summary>As a command has it. A comment in nft's language cannot hold a quote, and an interface name can.</summary>
    public string Text
    {
        get
        {
            var comment = Comment.Replace('"', '\'').ReplaceLineEndings(" ");
            return Value.Length > 0 ? $"{Key} comment \"{comment}\" : {Value}" : $"{Key} comment \"{comment}\"";
        }
    }

    /// <summary>Reads one of a set as the kernel has it.</summary>
    public static RuleElement Of(NftSet set, SetElement element) =>
        new(set.Name, set.KeyTextOf(element), element.Comment, set.ValueTextOf(element));

    /// <summary>Its place in a set, as the kernel has it.</summary>
    public SetElement KeyIn(NftSet set) => new(Set, set.EncodeKey(Key));

    /// <summary>All of it.</summary>
    public SetElement In(NftSet set)
    {
        var element = KeyIn(set) with { Comment = Comment };
        if (Value.Split(' ') is ["goto" or "jump", var chain])
            return element with { Verdict = (Value.StartsWith("goto", StringComparison.Ordinal), chain) };
        return Value.Length > 0 ? element with { Value = set.EncodeValue(Value) } : element;
    }
}
