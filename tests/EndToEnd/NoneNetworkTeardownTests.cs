using EndToEnd.Host;

namespace EndToEnd;

/// <summary>DELs that fail, that find nothing to unmake, and that must not be.</summary>
public sealed class NoneNetworkTeardownTests(Lab lab) : NoneNetworkTest(lab)
{
    private const string Blocker = """
        cat > /opt/cni/bin/blocker <<'E'
        #!/bin/sh
        case $CNI_COMMAND in
            VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["1.0.0"]}' ;;
            ADD) python3 -c 'import json,sys; print(json.dumps(json.load(sys.stdin)["prevResult"]))' ;;
            DEL) [ ! -e /run/blocked ] || { echo '{"cniVersion":"1.0.0","code":100,"msg":"the switch is on fire"}'; exit 1; } ;;
        esac
        E
        chmod +x /opt/cni/bin/blocker; touch /run/blocked
        """;

    [Theory]
    [InlineData("gc")]
    [InlineData("restart of the daemon")]
    [InlineData("start of the container")]
    public async Task DelThatFails_IsSaidOnce_Shown_AndTriedAgainWhen(string asked)
    {
        await Lab.OkAsync(Blocker);
        await ListAsync("pods", Bridge + """,{"type":"blocker"}""");
        var id = await RunAsync("one", "--label cni.networks=pods");
        await Lab.DockerAsync("stop -t0 one");
        await Lab.EventuallyAsync("its DEL has failed", async () =>
            (await ShownAsync()).Contains("DEL has failed 1 time;", StringComparison.Ordinal));
        Assert.Matches(
            "pods +[0-9a-f]{12} +one [\\s\\S]+ the switch is on fire\n +DEL has failed 1 time; next try at [0-9:]+, or by cnid gc pods",
                await ShownAsync());

        Assert.Contains("the switch is on fire", await Lab.FailsAsync($"{Lab.Cnid} gc pods"), StringComparison.Ordinal);
        Assert.Contains("DEL has failed 2 times;", await ShownAsync(), StringComparison.Ordinal);
        Assert.Single(Lab.CnidLog.Split('\n'), line => line.Contains(id[..12], StringComparison.Ordinal)
            && line.Contains("not detached", StringComparison.Ordinal) && line.Contains(" ERR ", StringComparison.Ordinal));

        await Lab.OkAsync("rm /run/blocked");
        if (asked == "gc")
            await Lab.OkAsync($"{Lab.Cnid} gc pods");
        else if (asked == "start of the container")
            await Lab.DockerAsync("start one");
        else
            await Lab.RestartCnidAsync();

        if (asked == "start of the container")
            await AttachedAsync("one");
        else
            await GoneAsync("one");
        await Lab.DockerAsync("rm -f one");
        await GoneAsync("one");
        await RemoveBridgeAsync();
    }

    [Fact]
    public async Task PortOfAContainerWhoseDelHasNotEnded_ANewOneWaitsForIt()
    {
        await Lab.OkAsync("""
            cat > /opt/cni/bin/slow <<'E'
            #!/bin/sh
            case $CNI_COMMAND in
                VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["1.0.0"]}' ;;
                ADD) python3 -c 'import json,sys; print(json.dumps(json.load(sys.stdin)["prevResult"]))' ;;
                DEL) while [ -e /run/held ]; do sleep 0.1; done ;;
            esac
            E
            chmod +x /opt/cni/bin/slow; touch /run/held
            """);
        await ListAsync("pods", Bridge + """,{"type":"portmap","capabilities":{"portMappings":true}},{"type":"slow"}""");
        const string options = "--runtime cni --label cni.networks=pods --label cni.ports=8080:80";
        var one = await RunAsync("one", options);
        await Lab.DockerAsync("rm -f one");
        var two = RunAsync("two", options);
        await Lab.EventuallyAsync("the new one waits", () =>
            Task.FromResult(Lab.CnidLog.Contains($"waits for the detachment of {one[..12]}", StringComparison.Ordinal)));
        Assert.False(two.IsCompleted);
        await Lab.OkAsync("rm /run/held");
        await two;
        await GoneAsync("one");

        await Lab.DockerAsync("rm -f two");
        await GoneAsync("two");
        await RemoveBridgeAsync();
    }

    [Fact]
    public async Task StateOnAFullDisk_ContainerIsDetachedAllTheSame_AndTheNextIsStoppedWithTheReason()
    {
        await ListAsync("pods", Bridge);
        await RunAsync("one", "--label cni.networks=pods");
        await Lab.OkAsync("mount -o remount,size=256k /var/lib/cnid; dd if=/dev/zero of=/var/lib/cnid/filler bs=1k 2> /dev/null; true");

        var two = await Lab.DockerAsync("run -d --name two --network none --label cni.networks=pods lab sleep 600");
        await Lab.EventuallyAsync("it is stopped", async () => await Lab.DockerAsync("inspect -f '{{.State.Running}}' two") == "false");
        await Lab.DockerAsync("rm -f one two");
        await GoneAsync("one");

        Assert.Contains(Lab.CnidLog.Split('\n'), line => line.Contains(two[..12], StringComparison.Ordinal)
            && line.Contains("not attached: No space left on device", StringComparison.Ordinal));
        Assert.Equal("0", await Lab.OkAsync("ls /var/lib/cni/networks/pods | grep -c '^10.77'; true"));
        await Lab.OkAsync("rm /var/lib/cnid/filler; mount -o remount,size=50% /var/lib/cnid");
        await RemoveBridgeAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("CNID_BUILTIN=always")]
    public async Task InterfaceGone_ItsOneDelSucceeds(string environment)
    {
        await Lab.RestartCnidAsync(environment);
        await CounterAsync();
        await ListAsync(
            "lan", """{"type":"macvlan","master":"uplink0","ipam":{"type":"host-local","subnet":"10.88.0.0/24"}},{"type":"counter"}""");
        await Lab.OkAsync("ip link add uplink0 type veth peer name uplink1 && ip link set uplink0 up && ip link set uplink1 up");
        var id = await RunAsync("one", "--label cni.networks=lan@lan0");
        await Lab.OkAsync("nsenter -t $(docker inspect -f '{{.State.Pid}}' one) -n ip link delete lan0");
        await Lab.DockerAsync("rm -f one");
        await GoneAsync("one");

        Assert.Equal(["ADD with", "DEL without"], await CountedAsync(id));
        Assert.Equal("", (await Lab.RunAsync("ls /var/lib/cni/networks/lan | grep ^10")).Output);
        await Lab.OkAsync("ip link delete uplink0; rm -f /run/counted");
        await Lab.RestartCnidAsync();
    }

    [Fact]
    public async Task A4_AnotherInterfaceInItsPlace_WhoSharesTheNamespaceKeepsNothing()
    {
        await ListAsync("pods", Bridge);
        await RunAsync("one", "--label cni.networks=pods");
        await Lab.DockerAsync("run -d --name two --network container:one lab sleep 600");
        await Lab.OkAsync("""
            inside() { nsenter -t $(docker inspect -f '{{.State.Pid}}' two) -n "$@"; }
            inside ip link set eth0 down && inside ip link set eth0 name hidden && inside ip link add eth0 type bridge &&
                inside ip link set hidden up
            """);
        await Lab.DockerAsync("rm -f one");
        await GoneAsync("one");

        Assert.DoesNotContain("hidden", await InAsync("two", "ip link"), StringComparison.Ordinal);
        Assert.Equal("", (await Lab.RunAsync("ip -o link | grep veth; ls /var/lib/cni/networks/pods | grep ^10")).Output);
        await Lab.DockerAsync("rm -f two");
        await RemoveBridgeAsync();
    }

    [Fact]
    public async Task DefaultNetworksTurnedOff_ARunningContainerKeepsThem_UntilItEnds()
    {
        await CounterAsync();
        await ListAsync("pods", Bridge + """,{"type":"counter"}""");
        await Lab.RestartCnidAsync("CNID_DEFAULT_NETWORKS=pods");
        var stays = await RunAsync("stays", "");
        var restarts = await RunAsync("restarts", "");
        var ends = await RunAsync("ends", "");
        await Lab.RestartCnidAsync();
        await Lab.DockerAsync("rm -f ends");
        await GoneAsync("ends"); // by then the others have been looked at as well
        await Lab.DockerAsync("restart -t0 restarts");
        await GoneAsync("restarts");

        await InAsync("stays", "ping -c1 -W3 10.77.0.1");
        Assert.Equal("attached", await PhaseAsync("stays"));
        Assert.DoesNotContain("eth0", await InAsync("restarts", "ip link"), StringComparison.Ordinal);
        await Lab.DockerAsync("rm -f stays restarts");
        await GoneAsync("stays");
        foreach (var id in new[] { stays, restarts, ends })
            Assert.Equal(["ADD with", "DEL with"], await CountedAsync(id));
        await Lab.EventuallyAsync("nobody is in the books", async () =>
            (await Lab.RunAsync("ls /var/lib/cnid/containers")).Output.Length == 0);
        await RemoveBridgeAsync();
        await Lab.OkAsync("rm -f /run/counted");
    }

    private Task<string> ShownAsync() => Lab.OkAsync($"{Lab.Cnid} attachments");
}
