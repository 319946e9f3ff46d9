using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace CniCore.Tests.House;

/// <summary>Each link of a page to a file or a heading of this repository leads to one.</summary>
public sealed partial class DocumentLinksTests
{
    private static readonly string Root = Path.GetFullPath("../../..", Path.GetDirectoryName(Here())!);

    public static TheoryData<string> Pages =>
    [
        .. Directory.EnumerateFiles(Root, "*.md")
            .Concat(Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories))
            .Select(page => Path.GetRelativePath(Root, page)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_LeadSomewhere(string page)
    {
        var path = Path.Combine(Root, page);
        Assert.Equal([], Link().Matches(Prose(path)).Select(link => link.Groups["target"].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal) && !Exists(path, target)));
    }

    private static bool Exists(string page, string target)
    {
        var (file, heading) = target.Split('#') is [var before, var after] ? (before, after) : (target, "");
        var path = file.Length == 0 ? page : Path.GetFullPath(file, Path.GetDirectoryName(page)!);
        return Path.Exists(path) && (heading.Length == 0 || Headings(path).Contains(heading));
    }

    // As GitHub makes them: lower case, without punctuation, blanks as dashes.
    private static HashSet<string> Headings(string page) =>
    [
        .. Heading().Matches(Prose(page)).Select(heading =>
            Punctuation().Replace(heading.Groups["text"].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-')),
    ];

    // What stands in a block of code is no link and no heading.
    private static string Prose(string page) => Block().Replace(File.ReadAllText(page), "");

    private static string Here([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<text>.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex Punctuation();

    [GeneratedRegex(@"^ *```.*?^ *```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
