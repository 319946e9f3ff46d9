using System.Text.RegularExpressions;
using EndToEnd.Host;

namespace EndToEnd.Shipping;

/// <summary>Each command of the page is run by a test.</summary>
[Trait("Engine", "none")]
public sealed partial class CommandPagesTests
{
    // test.sh builds and runs; the image's build pulls its bases from a registry, and its test builds the same file without one. DemoTests
    // has the demo, DhcpTests a LAN with a server, ConformanceTests plugins of all kinds, IdentityTests networks that are gone.
    private static readonly string[] RunElsewhere =
        ["build", "image: build", "readme: from nothing", "readme: build and run", "dhcp: lan", "conformance: run", "networks: forget"];

    [Fact]
    public void Blocks_AreNamed_AndEachIsRunByATest()
    {
        var tests = string.Concat(Directory.EnumerateFiles(
            Path.Combine(Machine.Repository, "tests/EndToEnd"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        var run = Asked().Matches(tests).Select(match => match.Groups["name"].Value).Concat(RunElsewhere).ToHashSet(StringComparer.Ordinal);
        Assert.Equal([], CommandPages.Blocks.Keys.Where(name => !run.Contains(name)));
        Assert.Equal([], CommandPages.Unnamed);
    }

    [GeneratedRegex(@"(?:Commands|DoAsync)\(\s*""(?<name>[^""]+)""", RegexOptions.ExplicitCapture)]
    private static partial Regex Asked();
}
