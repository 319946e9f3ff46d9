namespace CniCore.Plugins.Rules;

/// <summary>An element of a set or map in one of our tables.</summary>
/// <param name="Set">The set's or map's name.</param>
/// <param name="Key">As nft writes it: <c>10.1.0.2</c>, <c>tcp . 8080</c>.</param>
/// <param name="Comment">Whose it is: <see cref="AttachmentTag.ToString"/>.</param>
/// <param name="Value">What a map has behind the colon; empty for a set.</param>
internal sealed record RuleElement(string Set, string Key, string Comment, string Value = "")
{
    /// <summary>As a command has it. A comment in nft's language cannot hold a quote, and an interface name can.</summary>
    public string Text
    {
        get
        {
            var comment = Comment.Replace('"', '\'').ReplaceLineEndings(" ");
            return Value.Length > 0 ? $"{Key} comment \"{comment}\" : {Value}" : $"{Key} comment \"{comment}\"";
        }
    }
}
