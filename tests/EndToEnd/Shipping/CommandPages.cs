using System.Text.RegularExpressions;
using EndToEnd.Host;

namespace EndToEnd.Shipping;

/// <summary>
/// The README and the pages of docs as a source of commands. The words after <c>```sh</c> name a block, and a test runs what the block
/// says: what a reader copies has been tried.
/// </summary>
internal static partial class CommandPages
{
    // Blocks that are no commands: a file's content, and what a command prints.
    private static readonly string[] Contents = ["```ini", "```json", "```yaml", "```text", "```mermaid", "```console"];

    // engines.md is about engines and hosts that are not at hand in every run.
    private static readonly string[] Pages =
    [
        .. new[] { "README.md", "plugin-config/lists/README.md" }.Select(page => Path.Combine(Machine.Repository, page))
            .Concat(Directory.EnumerateFiles(Path.Combine(Machine.Repository, "docs"), "*.md")
                .Where(page => Path.GetFileName(page) != "engines.md"))
            .Select(File.ReadAllText),
    ];

    /// <summary>The blocks by their names, as they stand on the page.</summary>
    public static IReadOnlyDictionary<string, string> Blocks { get; } =
        Pages.SelectMany(page => Fenced().Matches(page))
            .ToDictionary(match => match.Groups["name"].Value, match => match.Groups["text"].Value);

    /// <summary>First lines of blocks without a name, which are no file's content either.</summary>
    public static IEnumerable<string> Unnamed =>
        Pages.SelectMany(page => Fences().Matches(page).Select(match => match.Value)
            .Where((fence, at) => at % 2 == 0 && !Contents.Contains(fence) && !fence.StartsWith("```sh ", StringComparison.Ordinal)));

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

    /// <summary>The commands of the blocks that show what they print.</summary>
    public static IEnumerable<string> Shown =>
        Pages.SelectMany(page => Console().Matches(page).Select(match => Sudo().Replace(match.Groups["command"].Value, "")));

    [GeneratedRegex(@"^\$ (?<command>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Console();

    [GeneratedRegex(@"^```sh (?<name>[^\n]+)\n(?<text>.*?)^```$",
        RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Fenced();

    [GeneratedRegex("^```.*$", RegexOptions.Multiline)]
    private static partial Regex Fences();

    [GeneratedRegex(@"\bsudo ")]
    private static partial Regex Sudo();
}
