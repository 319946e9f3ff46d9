using EndToEnd.Host;

namespace EndToEnd;

/// <summary>The daemon dies at a step of ADD or DEL; after its restart nothing has leaked and nothing is attached twice.</summary>
public sealed class NoneNetworkCrashTests(Lab lab) : NoneNetworkTest(lab)
{
    // Every step is a system call: the states of our books and CniCore's are synced and renamed into place, locks are taken, the namespace
    // is mounted, entered and unmounted, what is over is unlinked. strace kills the daemon as it enters the first of a kind.
    [Theory]
    [InlineData("ADD", "rename")]
    [InlineData("ADD", "fsync")]
    [InlineData("ADD", "flock")]
    [InlineData("ADD", "mount")]
    [InlineData("ADD", "setns")]
    [InlineData("DEL", "rename")]
    [InlineData("DEL", "fsync")]
    [InlineData("DEL", "flock")]
    [InlineData("DEL", "unlink")]
    [InlineData("DEL", "umount2")]
    public async Task Killed_AtAStep_NothingLeaksAndNothingIsTwice(string verb, string call)
    {
        await ListAsync("pods", Bridge + """,{"type":"firewall"}""");
        await Lab.RestartCnidAsync("CNID_BUILTIN=always");
        await Lab.DockerAsync("create --name one --network none --label cni.networks=pods lab sleep 600");
        if (verb == "DEL")
        {
            await Lab.DockerAsync("start one");
            await AttachedAsync("one");
        }
        await Lab.OkAsync($"setsid strace -f -qq -o /dev/null -e trace={call} -e inject={call}:signal=KILL:when=1 -p $(pgrep -x cnid) > "
            + "/dev/null 2>&1 < /dev/null & exit 0");
        await Lab.EventuallyAsync("strace has every thread", async () =>
            (await Lab.RunAsync("! grep -l '^TracerPid:.0$' /proc/$(pgrep -x cnid)/task/*/status")).Status == 0);
        await Lab.DockerAsync(verb == "ADD" ? "start one" : "stop -t0 one");
        await Lab.EventuallyAsync("the daemon is dead", async () => (await Lab.RunAsync("pgrep -x cnid")).Status != 0);
        if (verb == "DEL")
            await Lab.DockerAsync("start one");
        await Lab.StartCnidAsync("CNID_BUILTIN=always");

        await AttachedAsync("one");
        await InAsync("one", "ping -c1 -W3 10.77.0.1");
        Assert.Equal("1 1 1", await Lab.OkAsync(
            "echo $(ls /var/lib/cni/networks/pods | grep -c ^10) $(ip -o link | grep -c veth) $(ls /run/cnid/containers | wc -l)"));
        await Lab.DockerAsync("rm -f one");
        await GoneAsync("one");
        await RemoveBridgeAsync();
        await Lab.RestartCnidAsync();
    }
}
