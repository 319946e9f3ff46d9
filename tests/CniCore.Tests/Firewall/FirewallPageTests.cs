using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using CniCore.Firewall;

namespace CniCore.Tests.Firewall;

/// <summary>docs/firewall.md shows the rules as they are made, and explains each. Empty a block to have it written anew.</summary>
public sealed partial class FirewallPageTests
{
    private static readonly string Page = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../../docs/firewall.md"));

    [Fact]
    public void Blocks_AreTheRulesThatAreMade()
    {
        var page = File.ReadAllText(Page);
        var written = Block().Replace(page, block => block.Groups["text"].Value.Length > 0 ? block.Value
            : $"<!-- rules: {block.Groups["name"].Value} -->\n```text\n{Shown(block.Groups["name"].Value)}```");
        if (written != page)
            File.WriteAllText(Page, written);
        Assert.NotEmpty(Block().Matches(written));
        Assert.All(Block().Matches(written), block => Assert.Equal(Shown(block.Groups["name"].Value), block.Groups["text"].Value));
    }

    [Fact]
    public void EachRule_IsExplained()
    {
        var explained = Explained().Matches(File.ReadAllText(Page)).Select(row => row.Groups["rule"].Value);
        var rules = GoldenRules.Names.Select(GoldenRules.Of).SelectMany(wanted => wanted.Tables).Select(table => table.Alone)
            .Append(ForwardingTable.Definition([], []))
            .SelectMany(table => table.Chains).SelectMany(chain => chain.Rules).Select(rule => (rule with { Comment = "" }).Text)
            .Distinct().ToList();
        Assert.NotEmpty(rules);
        Assert.Empty(rules.Except(explained));
    }

    // Without the sets that have no elements.
    private static string Shown(string name) =>
        EmptySet().Replace(GoldenRules.Of(name).Text, "").Replace("\t", "    ", StringComparison.Ordinal);

    [GeneratedRegex(@"<!-- rules: (?<name>\S+) -->\n```text\n(?<text>[^`]*)```")]
    private static partial Regex Block();

    [GeneratedRegex(@"^\t(set|map) \S+ \{\n\t\ttype [^\n]*\n(\t\tflags [^\n]*\n)?\t\}\n", RegexOptions.Multiline)]
    private static partial Regex EmptySet();

    [GeneratedRegex(@"^\| `(?<rule>[^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Explained();

    private static string Here([CallerFilePath] string path = "") => path;
}
