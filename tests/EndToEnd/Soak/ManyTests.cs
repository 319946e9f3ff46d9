using System.Diagnostics;
using EndToEnd.Host;

namespace EndToEnd.Soak;

/// <summary>A host with as much as one host has: 500 attachments on 200 networks.</summary>
[Trait("Soak", "yes")]
public sealed class ManyTests(Lab lab) : LabTest(lab), IClassFixture<Lab>
{
    private const int Networks = 200;
    private const int Containers = 50;
    private const int OfEach = 10; // of each container
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task FiveHundredAttachmentsOnTwoHundredNetworks_LiveThroughAKill_AndLeaveNothing()
    {
        using var engine = new EngineApi(Lab);
        await Timed("networks made", $"seq 0 {Networks - 1} | xargs -P 8 -I N sh -c "
            + "'docker network create -d cni --subnet 10.$((100 + N / 256)).$((N % 256)).0/24 netN > /dev/null'");
        await Timed("attached", $"seq 0 {Containers - 1} | xargs -P 8 -I N sh -c '"
            + $"docker run -d --name oneN --network net$((N % {Networks})) lab sleep 3600 > /dev/null; "
            + $"for at in $(seq 1 {OfEach - 1}); do docker network connect net$(((N + at * 20) % {Networks})) oneN || exit 255; done'");
        var attached = new Attached(Lab, engine);
        Assert.Null(await attached.AmissAsync());
        Assert.Equal($"{Containers * OfEach}", await Lab.OkAsync($"{Lab.Cnid} attachments --json | grep -c '\"containerId\"'"));

        await Lab.StopCnidAsync("KILL");
        var clock = Stopwatch.StartNew();
        await Lab.StartCnidAsync();
        SoakPlan.Log($"many: the daemon answers after {clock.Elapsed.TotalSeconds:0.0} s");
        await Lab.EventuallyAsync("the daemon is ready", async () => (await Lab.RunAsync($"{Lab.Cnid} health --ready")).Status == 0,
            (int)Patience.TotalSeconds);
        Assert.Null(await attached.AmissAsync());
        SoakPlan.Log($"many: it is ready after {clock.Elapsed.TotalSeconds:0.0} s, {await MemoryAsync()} MB");
        await Timed("listed", $"{Lab.Cnid} networks > /dev/null; {Lab.Cnid} attachments > /dev/null");

        await Timed("restarted, all of one network", "docker network inspect -f '{{range .Containers}}{{.Name}} {{end}}' net0 "
            + "| xargs -rn 1 docker restart -t0");
        Assert.Null(await attached.AmissAsync());
        await Timed("removed", "docker ps -aq | xargs -rn 10 -P 4 docker rm -f > /dev/null; "
            + "docker network ls -q --filter driver=cni | xargs -rn 10 -P 4 docker network rm > /dev/null");
    }

    private Task<string> MemoryAsync() =>
        Lab.OkAsync("awk '/VmRSS/ { print int($2 / 1024) }' /proc/$(pgrep -x cnid)/status");

    private async Task Timed(string what, string command)
    {
        var clock = Stopwatch.StartNew();
        await Lab.OkAsync(command);
        SoakPlan.Log($"many: {what} in {clock.Elapsed.TotalSeconds:0.0} s");
    }
}
