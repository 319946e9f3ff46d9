using System.Runtime.CompilerServices;

namespace CniCore.Tests.Plugins;

public sealed class DifferencesTests
{
    [Fact]
    public void List_IsThatOfTheDesignPage() =>
        Assert.Equal(
            Differences.All.Select(one => $"| {one.Plugins} | {one.What} | {one.Why} |"),
            File.ReadLines(Page()).SkipWhile(line => !line.StartsWith("|---", StringComparison.Ordinal)).Skip(1)
                .TakeWhile(line => line.StartsWith('|')));

    private static string Page([CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "../../../docs/design/006-built-ins.md");
}
