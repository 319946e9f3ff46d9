using System.Text.RegularExpressions;
using EndToEnd.Host;

namespace EndToEnd.Shipping;

/// <summary>Each command of the page is run by a test.</summary>
[Trait("Engine", "none")]
public sealed partial class InstallPageTests
{
    // test.sh runs the one; the other pulls its bases from a registry, and its test builds the same file without one.
    private static readonly string[] RunElsewhere = ["build", "image: build"];

    [Fact]
    public void Blocks_AreNamed_AndEachIsRunByATest()
    {
        var tests = string.Concat(Directory.EnumerateFiles(Path.Combine(Machine.Repository, "tests/EndToEnd/Shipping"), "*.cs").Select(File.ReadAllText));
        var run = Asked().Matches(tests).Select(match => match.Groups["name"].Value).Concat(RunElsewhere).ToHashSet(StringComparer.Ordinal);
        Assert.Equal([], InstallPage.Blocks.Keys.Where(name => !run.Contains(name)));
        Assert.Equal([], InstallPage.Unnamed);
    }

    [GeneratedRegex(@"(?:Commands|DoAsync)\(""(?<name>[^""]+)""", RegexOptions.ExplicitCapture)]
    private static partial Regex Asked();
}
