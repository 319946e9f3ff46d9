using System.Text.RegularExpressions;
using CniCore.Linux.Nftables;

namespace CniCore.Plugins;

/// <summary>The elements of a named set with their comments, as nft lists them.</summary>
internal static partial class SetElements
{
    /// <summary>Every element that has a comment: its key in nft's words, and the comment.</summary>
    public static List<(string Key, string Comment)> Of(Nftables nft, string set)
    {
        var listing = nft.Query($"list set {set}");
        var start = listing.IndexOf("elements = {", StringComparison.Ordinal);
        if (start < 0)
            return [];
        return [.. Element().Matches(listing[(start + "elements = {".Length)..]).Select(match => (match.Groups["key"].Value.Trim(), match.Groups["comment"].Value))];
    }

    /// <summary>Commands that delete the elements; empty where there are none.</summary>
    public static string Delete(string set, IEnumerable<(string Key, string Comment)> elements)
    {
        var keys = string.Join(", ", elements.Select(element => element.Key));
        return keys.Length == 0 ? "" : $"delete element {set} {{ {keys} }}\n";
    }

    [GeneratedRegex("(?<key>[^,{}]+?) comment \"(?<comment>[^\"]*)\"")]
    private static partial Regex Element();
}
