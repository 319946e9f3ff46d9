using System.Text.RegularExpressions;

namespace CniCore.Plugins.Rules;

/// <summary>Reads elements out of what nft lists. Only those with a comment: all of ours have one.</summary>
internal static partial class RuleListing
{
    public static IReadOnlyList<RuleElement> Elements(string listing)
    {
        var found = new List<RuleElement>();
        var sets = Header().Matches(listing);
        for (var i = 0; i < sets.Count; i++)
        {
            var end = i + 1 < sets.Count ? sets[i + 1].Index : listing.Length;
            var body = listing[sets[i].Index..end];
            if (body.IndexOf("elements = {", StringComparison.Ordinal) is var start and >= 0)
                found.AddRange(Element().Matches(body[(start + "elements = {".Length)..]).Select(match => Read(sets[i].Groups["name"].Value, match)));
        }
        return found;
    }

    private static RuleElement Read(string set, Match match) =>
        new(set, match.Groups["key"].Value.Trim(), match.Groups["comment"].Value, match.Groups["value"].Value.Trim());

    [GeneratedRegex(@"^\s*(set|map) (?<name>\w+) \{", RegexOptions.Multiline)]
    private static partial Regex Header();

    // A key of interface names is quoted, and may hold what else would end it.
    [GeneratedRegex("""(?<key>(?:"[^"]*"|[^",{}])+?) comment "(?<comment>[^"]*)"(?: : (?<value>[^,}\n]+))?""")]
    private static partial Regex Element();
}
