using System.Runtime.CompilerServices;
using EndToEnd.Host;

namespace EndToEnd;

/// <summary>The README's first command, as a newcomer types it, but for the build.</summary>
public sealed class DemoTests(Lab lab) : LabTest(lab)
{
    private static readonly string Demo = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../demo.sh"));

    [Fact]
    public async Task Demo_ShowsTheMainJob_AndDownUndoesIt()
    {
        await Lab.StopCnidAsync("TERM");
        var shown = await Lab.OkAsync($"CNID={Lab.Cnid} {Demo}");
        Assert.Contains("2 packets received", shown, StringComparison.Ordinal);
        Assert.Contains("hello over CNI", shown, StringComparison.Ordinal);

        await Lab.OkAsync($"{Demo} --down");
        Assert.NotEqual(0, (await Lab.RunAsync("pgrep -x cnid || docker image inspect cni-demo || ls /run/cnid-demo")).Status);
        await Lab.StartCnidAsync();
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
