using EndToEnd.Host;

namespace EndToEnd;

/// <summary>
/// The daemon is told to stop while a plugin's ADD is under way. That is nobody's failure: the container gets its network, now or from
/// the next run.
/// </summary>
public sealed class StopDuringAddTests(Lab lab) : NoneNetworkTest(lab)
{
    // Waits in ADD while the file is there, and says so.
    private const string Slow = """
        #!/bin/sh
        case $CNI_COMMAND in
        VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}'; exit 0;;
        ADD) touch /run/slow.began; for i in $(seq 80); do [ -e /run/slow ] || break; sleep 0.1; done;;
        esac
        [ $CNI_COMMAND = DEL ] || python3 -c 'import json,sys; print(json.dumps(json.load(sys.stdin)["prevResult"]))'
        """;

    [Fact]
    public async Task A10_DuringALabelAttach_ContainerRunsOn_AndIsAttachedByTheNextRun()
    {
        await PrepareAsync();
        var id = await Lab.DockerAsync("run -d --name one --network none --label cni.networks=pods lab sleep 600");
        await StopInAddAsync();

        Assert.Equal("true", await Lab.DockerAsync("inspect -f '{{.State.Running}}' one"));
        Assert.DoesNotContain("Failed", await Lab.OkAsync($"cat /var/lib/cnid/containers/{id}.json"), StringComparison.Ordinal);
        await Lab.OkAsync("rm /run/slow");
        await Lab.StartCnidAsync();
        await AttachedAsync("one");
        await InAsync("one", "ping -c1 -W3 10.77.0.1");
        Assert.Equal("true 0", await Lab.DockerAsync("inspect -f '{{.State.Running}} {{.RestartCount}}' one"));
        await FinishAsync();
    }

    [Theory]
    [InlineData("--network net", "-o cni.network=pods --subnet 10.77.0.0/24 --gateway 10.77.0.1")]
    [InlineData("--network net", "-o cni.network=pods --ipam-driver null")]
    [InlineData("--network net", "--ipam-driver cni --ipam-opt cni.network=pods --subnet 10.77.0.0/24")]
    [InlineData("--runtime cni --network none --label cni.networks=pods", "")]
    public async Task A10_DuringAStartThatWaitsForIt_TheCallIsFinished_AndTheContainerStarts(string options, string network)
    {
        await PrepareAsync();
        if (network.Length > 0)
            await Lab.DockerAsync($"network create -d cni {network} net");
        await Lab.OkAsync($"setsid docker run -d --name one {options} lab sleep 600 > /run/one.said 2>&1 < /dev/null & exit 0");
        await Lab.EventuallyAsync("ADD has begun", async () => (await Lab.RunAsync("ls /run/slow.began")).Status == 0);
        await Lab.OkAsync("pkill -TERM -o -x cnid; rm /run/slow"); // the oldest: a hook that waits goes by the name too
        await Lab.EventuallyAsync("cnid has ended", async () => (await Lab.RunAsync("pgrep -x cnid")).Status != 0);
        // Not Lab.StartCnidAsync, which activates the driver: that would say that the engine has started, and that no call is under way.
        await Lab.OkAsync($"setsid {Lab.Cnid} serve --log-level debug >> {Lab.Folder}/cnid.log 2>&1 < /dev/null & exit 0");
        await Lab.EventuallyAsync("cnid answers", async () => (await Lab.RunAsync($"{Lab.Cnid} health")).Status == 0);

        await Lab.EventuallyAsync("it runs", async () => (await Lab.RunAsync("docker exec one ping -c1 -W3 10.77.0.1")).Status == 0);
        Assert.Equal("true", await Lab.DockerAsync("inspect -f '{{.State.Running}}' one"));
        await FinishAsync();
    }

    protected override Task ClearAsync() => Lab.RunAsync("rm -f /run/slow* /run/one.said");

    private async Task PrepareAsync()
    {
        await Lab.OkAsync($"cat > /opt/cni/bin/slow <<'E'\n{Slow}\nE\nchmod +x /opt/cni/bin/slow; rm -f /run/slow*; touch /run/slow");
        await ListAsync("pods", Bridge + """,{"type":"slow"}""");
    }

    private async Task StopInAddAsync()
    {
        await Lab.EventuallyAsync("ADD has begun", async () => (await Lab.RunAsync("ls /run/slow.began")).Status == 0);
        await Lab.StopCnidAsync("TERM");
    }

    private async Task FinishAsync()
    {
        await Lab.DockerAsync("rm -f one");
        await GoneAsync("one");
        await Lab.RunAsync("docker network rm net");
        await Lab.RunAsync("ip link delete pods0");
    }
}
