using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace CniCore.Tests.House;

/// <summary>Each promise of docs/security.md names the tests that hold it, and they exist.</summary>
public sealed partial class SecurityPageTests
{
    private static readonly string Docs = Path.GetFullPath("../../../docs", Path.GetDirectoryName(Here())!);

    public static TheoryData<string> Promises =>
    [
        .. File.ReadLines(Path.Combine(Docs, "security.md")).Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Where(line => line != "| promise | held by |"),
    ];

    [Theory]
    [MemberData(nameof(Promises))]
    public void Promise_IsHeldByATestThatExists(string row)
    {
        var cells = row.Split(" | ");
        Assert.Equal(2, cells.Length);
        Assert.NotEmpty(Named().Matches(cells[1]));
        Assert.All(Named().Matches(cells[1]), test => Assert.Matches($@"public (async Task|Task|void) {test.Groups["method"].Value}\(",
            TextOf(test.Groups["path"].Value, test.Groups["class"].Value)));
        Assert.Equal("", Named().Replace(cells[1], "").Trim(' ', ',', '|'));
    }

    private static string TextOf(string path, string name)
    {
        Assert.Equal(name, Path.GetFileNameWithoutExtension(path));
        return File.ReadAllText(Path.Combine(Docs, path));
    }

    private static string Here([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"\[`(?<class>\w+)\.(?<method>\w+)`\]\((?<path>\.\./tests/[^)]+\.cs)\)")]
    private static partial Regex Named();
}
