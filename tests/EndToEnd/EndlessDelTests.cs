using EndToEnd.Host;

namespace EndToEnd;

/// <summary>
/// DELs that failed for ever once: each try is another one, no plugin is run again with stale data, and what no rule uses any more is
/// free.
/// </summary>
public sealed class EndlessDelTests(Lab lab) : NoneNetworkTest(lab)
{
    private const string Chain = Bridge + """,{"type":"portmap","capabilities":{"portMappings":true}},{"type":"firewall"}""";

    // The reference bridge, whose DEL fails after it has done its work as long as /run/blocked is there: its address is free by then.
    private const string Stuck = """
        cat > /opt/cni/bin/stuck <<'E'
        #!/bin/sh
        [ $CNI_COMMAND = DEL ] || exec /usr/lib/cni/bridge
        /usr/lib/cni/bridge
        [ ! -e /run/blocked ] || { echo '{"cniVersion":"1.0.0","code":104,"msg":"the switch is on fire"}'; exit 1; }
        E
        chmod +x /opt/cni/bin/stuck; touch /run/blocked
        """;

    // What a flush of the plugins' rules leaves: Docker's own, which the engine does not write again.
    private const string Flush = "for t in nat filter; do iptables-save -t $t | grep -v CNI- | iptables-restore -T $t; done";

    private static readonly string StuckBridge = Bridge.Replace("\"type\":\"bridge\"", "\"type\":\"stuck\"", StringComparison.Ordinal);

    [Fact]
    public async Task B_RulesFlushed_ContainerRestarts_WithItsPort_AndNothingIsLeft()
    {
        await NetworkAsync(Chain);
        await Lab.DockerAsync("run -d --name one --network pods -p 8080:80 lab httpd -f -h /www");

        await Lab.OkAsync(Flush);
        await Lab.DockerAsync("restart -t0 one");

        await Lab.EventuallyAsync("it answers", async () =>
            (await Lab.RunAsync("curl -s -m3 http://203.0.113.1:8080/")).Output.Trim() == "hello");
        Assert.Equal("added", await PhasesAsync());
        await Lab.DockerAsync("rm -f one");
        await RemoveAsync();
    }

    [Fact]
    public async Task B_RulesFlushed_DisconnectEndsAtOnce_AndTheNetworkCanBeJoinedAgain()
    {
        await NetworkAsync(Chain);
        await Lab.DockerAsync("run -d --name one --network pods -p 8080:80 lab sleep 600");

        await Lab.OkAsync(Flush);
        await Lab.DockerAsync("network disconnect pods one");
        Assert.Equal("", await PhasesAsync());
        await Lab.DockerAsync("network connect pods one");

        Assert.Equal("added", await PhasesAsync());
        await Lab.DockerAsync("rm -f one");
        await RemoveAsync();
    }

    [Fact]
    public async Task B_RulesFlushed_LabelContainerIsDetachedAtOnce()
    {
        await ListAsync("pods", Chain);
        var id = await RunAsync("one", "--label cni.networks=pods --label cni.ports=8080:80");

        await Lab.OkAsync(Flush);
        await Lab.DockerAsync("restart -t0 one");
        await AttachedAsync("one");
        await Lab.DockerAsync("rm -f one");

        await GoneAsync("one");
        Assert.DoesNotContain(Lab.CnidLog.Split('\n'), line => line.Contains($"{id[..12]} not detached", StringComparison.Ordinal));
        await RemoveBridgeAsync();
    }

    [Fact]
    public async Task B_RulesFlushed_DelByHandSucceeds()
    {
        await ListAsync("pods", Chain);
        await Lab.OkAsync($"ip netns add by-hand; {Lab.Cnid} add pods /run/netns/by-hand");

        await Lab.OkAsync(Flush);
        await Lab.OkAsync($"{Lab.Cnid} del pods /run/netns/by-hand");

        Assert.Equal("", await PhasesAsync());
        await Lab.OkAsync("ip netns del by-hand; ip link delete pods0");
    }

    [Fact]
    public async Task B_DelIsRepeated_FirewallKeepsItsHandsOffTheNextOwnerOfTheAddress()
    {
        await Lab.OkAsync(Stuck);
        await ListAsync("pods", StuckBridge + """,{"type":"firewall"}""");
        await RunAsync("one", "--label cni.networks=pods --label cni.pods.ips=10.77.0.5");
        await Lab.DockerAsync("stop -t0 one");
        await Lab.EventuallyAsync("its DEL has failed", async () =>
            (await Lab.OkAsync($"{Lab.Cnid} attachments")).Contains("the switch is on fire", StringComparison.Ordinal));
        await RunAsync("two", "--label cni.networks=pods --label cni.pods.ips=10.77.0.5");
        const string rules = "iptables -S CNI-FORWARD | grep -c 10.77.0.5/32";
        var before = await Lab.OkAsync(rules);

        await Lab.OkAsync($"rm /run/blocked; {Lab.Cnid} gc pods");
        await GoneAsync("one");

        Assert.Equal(before, await Lab.OkAsync(rules));
        await InAsync("two", "ping -c1 -W3 203.0.113.2");
        await Lab.DockerAsync("rm -f one two");
        await GoneAsync("two");
        await RemoveBridgeAsync();
    }

    [Fact]
    public async Task B_PortmapsDelIsDone_ThePortIsFree_WhileTheRestOfTheDelFails()
    {
        await Lab.OkAsync(Stuck);
        await NetworkAsync(StuckBridge + """,{"type":"portmap","capabilities":{"portMappings":true}},{"type":"firewall"}""");
        await Lab.DockerAsync("run -d --name one --network pods -p 8080:80 lab sleep 600");
        await Lab.DockerAsync("rm -f one");
        Assert.Equal("deleting", await PhasesAsync());

        await Lab.DockerAsync("run -d --name two --network pods -p 8080:80 lab httpd -f -h /www");
        await Lab.EventuallyAsync("it answers", async () =>
            (await Lab.RunAsync("curl -s -m3 http://203.0.113.1:8080/")).Output.Trim() == "hello");

        await Lab.OkAsync("rm /run/blocked");
        await Lab.RestartCnidAsync();
        await Lab.EventuallyAsync("one is deleted", async () => await PhasesAsync() == "added");
        await Lab.EventuallyAsync("it answers", async () =>
            (await Lab.RunAsync("curl -s -m3 http://203.0.113.1:8080/")).Output.Trim() == "hello");
        await Lab.DockerAsync("rm -f two");
        await RemoveAsync();
    }

    [Fact]
    public async Task B_LabelContainersPort_IsFree_WhileTheRestOfTheDelFails()
    {
        await Lab.OkAsync(Stuck);
        await ListAsync("pods", StuckBridge + """,{"type":"portmap","capabilities":{"portMappings":true}}""");
        await RunAsync("one", "--label cni.networks=pods --label cni.ports=8080:80");
        await Lab.DockerAsync("stop -t0 one");
        await Lab.EventuallyAsync("its DEL has failed", async () =>
            (await Lab.OkAsync($"{Lab.Cnid} attachments")).Contains("the switch is on fire", StringComparison.Ordinal));

        await RunAsync("two", "--label cni.networks=pods --label cni.ports=8080:80");

        await Lab.OkAsync($"rm /run/blocked; {Lab.Cnid} gc pods");
        await Lab.DockerAsync("rm -f one two");
        await GoneAsync("one");
        await GoneAsync("two");
        await RemoveBridgeAsync();
    }

    // Each writes down its ADD and DEL; DEL of the one that /run/hold names waits until it is killed with the daemon.
    [Theory]
    [InlineData("c", "c c b a")]
    [InlineData("b", "c b b a")]
    [InlineData("a", "c b a a")]
    public async Task B_DaemonKilledInADel_ThePluginsThatAreDoneAreNotRunAgain(string at, string expected)
    {
        await Lab.OkAsync("""
            cat > /opt/cni/bin/a <<'E'
            #!/bin/sh
            me=${0##*/}
            case $CNI_COMMAND in
                VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["1.0.0"]}' ;;
                ADD) python3 -c 'import json,sys; print(json.dumps(json.load(sys.stdin).get("prevResult") or {"cniVersion":"1.0.0"}))' ;;
                DEL) echo $me >> /run/deleted; [ "$(cat /run/hold 2> /dev/null)" != $me ] || exec sleep 15 ;;
            esac
            E
            chmod +x /opt/cni/bin/a; cp /opt/cni/bin/a /opt/cni/bin/b; cp /opt/cni/bin/a /opt/cni/bin/c; rm -f /run/deleted
            """);
        await ListAsync("pods", """{"type":"a"},{"type":"b"},{"type":"c"}""");
        await RunAsync("one", "--label cni.networks=pods");
        await Lab.OkAsync($"echo {at} > /run/hold");
        await Lab.DockerAsync("kill one");
        await Lab.EventuallyAsync("DEL is there", async () => (await Lab.RunAsync("tail -n1 /run/deleted")).Output.Trim() == at);

        await Lab.StopCnidAsync("KILL");
        await Lab.OkAsync("rm /run/hold; pkill -x sleep; true");
        await Lab.StartCnidAsync();
        await GoneAsync("one");

        Assert.Equal(expected, await Lab.OkAsync("echo $(cat /run/deleted)"));
        await Lab.OkAsync("docker rm one; rm /run/deleted");
    }

    private async Task NetworkAsync(string plugins)
    {
        await ListAsync("pods", plugins);
        await Lab.DockerAsync("network create -d cni -o cni.network=pods --ipam-driver null pods");
    }

    private Task<string> RemoveAsync() => Lab.OkAsync("docker network rm pods; ip link delete pods0");

    private Task<string> PhasesAsync() =>
        Lab.OkAsync($"{Lab.Cnid} attachments --json | python3 -c 'import json,sys; print(\" \".join(a[\"phase\"] for a in "
            + "json.load(sys.stdin) if a[\"network\"] == \"pods\"))'");
}
