using System.Text.RegularExpressions;
using EndToEnd.Host;

namespace EndToEnd.Shipping;

/// <summary>
/// docs/install.md and docs/swarm.md as a source of commands. The words after <c>```sh</c> name a block, and a test runs what the block says: what a
/// reader copies has been tried.
/// </summary>
internal static partial class InstallPage
{
    private static readonly string[] Pages = [.. new[] { "install.md", "swarm.md" }.Select(page => File.ReadAllText(Path.Combine(Machine.Repository, "docs", page)))];

    /// <summary>The blocks by their names, as they stand on the page.</summary>
    public static IReadOnlyDictionary<string, string> Blocks { get; } =
        Pages.SelectMany(page => Fenced().Matches(page)).ToDictionary(match => match.Groups["name"].Value, match => match.Groups["text"].Value);

    /// <summary>First lines of blocks without a name, which are no file's content either.</summary>
    public static IEnumerable<string> Unnamed =>
        Pages.SelectMany(page => Fences().Matches(page).Select(match => match.Value).Where((fence, at) => at % 2 == 0 && fence != "```ini" && !fence.StartsWith("```sh ", StringComparison.Ordinal)));

    /// <summary>A block's commands, run as the root of a machine without sudo; the first that fails fails the whole.</summary>
    /// <param name="name">The block's name.</param>
    /// <param name="instead">Words of the page and what stands for them in the test: names of files and of hosts, never an option.</param>
    public static string Commands(string name, params (string Word, string Instead)[] instead)
    {
        var text = Sudo().Replace(Blocks[name], "");
        foreach (var (word, replacement) in instead)
        {
            Assert.Contains(word, text, StringComparison.Ordinal);
            text = text.Replace(word, replacement, StringComparison.Ordinal);
        }
        return "set -e\n" + text;
    }

    [GeneratedRegex(@"^```sh (?<name>[^\n]+)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Fenced();

    [GeneratedRegex("^```.*$", RegexOptions.Multiline)]
    private static partial Regex Fences();

    [GeneratedRegex(@"\bsudo ")]
    private static partial Regex Sudo();
}
