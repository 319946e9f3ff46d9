using System.Globalization;
using EndToEnd.Host;

namespace EndToEnd;

/// <summary>The engine is stopped, or killed under many containers.</summary>
public sealed class SilentEngineTests(Lab lab) : LabTest(lab)
{
    [Fact]
    public async Task A2_EngineStopped_DaemonGoesOn_AndReadinessSaysWhatWaits()
    {
        await Lab.DockerAsync("network create -d cni web");
        var daemon = await Lab.OkAsync("pgrep -x cnid");
        await Lab.OkAsync("pkill -STOP -x dockerd");
        try
        {
            await Lab.EventuallyAsync("both loops say that they wait", async () =>
            {
                var said = (await Lab.RunAsync($"{Lab.Cnid} health --ready")).Text;
                return said.Contains(
                    "attachment of none-network containers fails: the engine fails: no answer within", StringComparison.Ordinal)
                    && said.Contains("comparison of networks with the engine's fails: the engine fails: no answer within",
                        StringComparison.Ordinal);
            }, seconds: 130);
            Assert.Contains("background work", (await Lab.RunAsync($"{Lab.Cnid} doctor")).Output, StringComparison.Ordinal);
        }
        finally
        {
            await Lab.OkAsync("pkill -CONT -x dockerd");
        }
        await Lab.EventuallyAsync("it is ready again", async () =>
            (await Lab.RunAsync($"{Lab.Cnid} health --ready")).Status == 0, seconds: 90);
        await Lab.DockerAsync("run --rm --network web lab ping -c1 -W3 203.0.113.2");
        Assert.Equal(daemon, await Lab.OkAsync("pgrep -x cnid"));
    }

    [Fact]
    public async Task A2_EngineKilled_ManyContainers_AllComeBack()
    {
        var count = int.Parse(Environment.GetEnvironmentVariable("MANY_CONTAINERS") ?? "40", CultureInfo.InvariantCulture);
        await Lab.DockerAsync("network create -d cni --subnet 10.99.0.0/22 web");
        await Lab.OkAsync($"seq {count} | xargs -P4 -I% docker run -d --name c% --restart=always --network web lab sleep 86400");
        var daemon = await Lab.OkAsync("pgrep -x cnid");
        await Lab.RestartEngineAsync("KILL");

        var running = "";
        await Lab.EventuallyAsync(() => $"all {count} run again, {running} do", async () =>
            (running = await Lab.OkAsync("docker ps -q | wc -l")) == $"{count}", seconds: 60 + (count * 3));
        await Lab.OkAsync("for c in $(docker ps -q); do docker exec $c ping -c1 -W3 10.99.0.1 > /dev/null || echo $c cannot; done | tee "
            + "/dev/stderr | [ $(wc -l) = 0 ]");
        Assert.Equal(daemon, await Lab.OkAsync("pgrep -x cnid"));
        await Lab.OkAsync($"{Lab.Cnid} health --ready");
        Assert.Equal($"{count}", await Lab.OkAsync("ls /var/lib/cnid/endpoints | wc -l"));
    }
}
