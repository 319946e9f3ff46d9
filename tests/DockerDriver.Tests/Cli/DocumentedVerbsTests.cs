using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using DockerDriver.Cli;

namespace DockerDriver.Tests.Cli;

/// <summary>Every <c>cnid</c> command in the docs is valid. The end-to-end tests run them.</summary>
public sealed partial class DocumentedVerbsTests
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../.."));

    [Fact]
    public void A_EveryCommandOfCnid_OnThePages_IsTaken()
    {
        var pages = Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Concat([Path.Combine(Root, "README.md"), Path.Combine(Root, "plugin-config/lists/README.md")]);
        List<(string Page, string Command)> commands =
            [.. from page in pages from line in Fenced(page) from Match match in Command()
                .Matches(line) select (Path.GetFileName(page), match.Groups["words"].Value)];

        Assert.True(commands.Count >= 10, "the pages show more than that");
        Assert.Empty(
            from command in commands
            let parsed = CommandLine.Root().Parse(command.Command)
            where parsed.Errors.Count > 0
            select $"{command.Page}: cnid {command.Command}: {parsed.Errors[0].Message}");
    }

    private static IEnumerable<string> Fenced(string page)
    {
        var isFenced = false;
        foreach (var line in File.ReadLines(page))
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
                isFenced = !isFenced;
            else if (isFenced)
                yield return line;
        }
    }

    // From the beginning of a line, a prompt, sudo or a semicolon, to a comment, a pipe or the next command.
    [GeneratedRegex(@"(?:^|\$ |; |&& )\s*(?:sudo )?(?:artifacts/publish/)?cnid (?<words>[a-z][^#|;&\\>]*?)\s*(?=$|[#|;&\\>])",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Command();

    private static string Here([CallerFilePath] string path = "") => path;
}
