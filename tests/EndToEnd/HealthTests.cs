using EndToEnd.Host;

namespace EndToEnd;

[Trait("Engine", "none")]
public sealed class HealthTests(Lab lab) : LabTest(lab)
{
    [Fact]
    public async Task Health_WhileTheDaemonRuns_IsAlive() => Assert.Equal("alive", await Lab.OkAsync($"{Host.Lab.Cnid} health"));

    [Fact]
    public async Task Ready_WithItsEngine_IsReady() =>
        await Host.Lab.EventuallyAsync("cnid is ready", async () =>
            (await Lab.RunAsync($"{Host.Lab.Cnid} health --ready")) is { Status: 0, Text: "ready" });

    [Fact]
    public async Task Health_DaemonKilled_FailsWithOneLine()
    {
        await Lab.StopCnidAsync("KILL");

        var said = await Lab.FailsAsync($"{Host.Lab.Cnid} health");

        Assert.StartsWith("cnid: the daemon does not answer on /run/cnid/admin.sock", said, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', said);
        await Lab.StartCnidAsync();
        Assert.Equal("alive", await Lab.OkAsync($"{Host.Lab.Cnid} health"));
    }
}
