using EndToEnd.Host;

namespace EndToEnd;

/// <summary><c>cnid release</c>: what it takes, what it refuses, and that with <c>--force</c> nothing is in its way.</summary>
public sealed class ReleaseTests(Lab lab) : NoneNetworkTest(lab)
{
    // A plugin that maps ports, as far as its list says, and never deletes.
    private const string Endless = """
        cat > /opt/cni/bin/endless <<'E'
        #!/bin/sh
        case $CNI_COMMAND in
            VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}' ;;
            ADD) python3 -c 'import json,sys; print(json.dumps(json.load(sys.stdin)["prevResult"]))' ;;
            DEL) echo '{"cniVersion":"1.0.0","code":104,"msg":"the switch is on fire"}'; exit 1 ;;
        esac
        E
        chmod +x /opt/cni/bin/endless
        """;

    private const string Chain = Bridge + """,{"type":"endless","capabilities":{"portMappings":true}}""";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task B_ForcedReleaseOfAnEndpoint_ByItsShortId_WithADaemonAndWithout(bool daemonRuns)
    {
        await Lab.OkAsync(Endless);
        await ListAsync("pods", Chain);
        await Lab.DockerAsync("network create -d cni -o cni.network=pods --ipam-driver null pods");
        await Lab.DockerAsync("run -d --name one --network pods -p 8080:80 lab sleep 600");
        await Lab.DockerAsync("rm -f one");
        var id = await ShownIdAsync();
        Assert.Contains($"cnid release --force {id} forgets it", await Lab.OkAsync($"{Lab.Cnid} attachments"), StringComparison.Ordinal);
        Assert.Contains("port is already allocated", await Lab.FailsAsync("docker run --rm --network pods -p 8080:80 lab true"),
            StringComparison.Ordinal);
        if (!daemonRuns)
            await Lab.StopCnidAsync("TERM");

        var refused = await Lab.FailsAsync($"{Lab.Cnid} release {id}");
        Assert.Contains("whose DEL the daemon retries (plugin endless of the list pods: the switch is on fire)", refused,
            StringComparison.Ordinal);
        Assert.Contains($"to release it anyway: cnid release --force {id}", refused, StringComparison.Ordinal);

        SaysWhatMayBeLeft(await Lab.OkAsync($"{Lab.Cnid} release --force {id}"));
        if (!daemonRuns)
            await Lab.StartCnidAsync();
        await NothingIsKnownAsync();
        await Lab.OkAsync("rm /opt/cni/bin/endless; ln -s /usr/lib/cni/portmap /opt/cni/bin/endless");
        await Lab.DockerAsync("run --rm --network pods -p 8080:80 lab true");
        await Lab.OkAsync("docker network rm pods; ip link delete pods0");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task B_ForcedReleaseOfALabelContainer_ByItsName_WithADaemonAndWithout(bool daemonRuns)
    {
        await Lab.OkAsync(Endless);
        await ListAsync("pods", Chain);
        await RunAsync("one", "--label cni.networks=pods --label cni.ports=8080:80");
        await Lab.DockerAsync("stop -t0 one");
        await Lab.EventuallyAsync("its DEL has failed", async () =>
            (await Lab.OkAsync($"{Lab.Cnid} attachments")).Contains("DEL has failed", StringComparison.Ordinal));
        if (!daemonRuns)
            await Lab.StopCnidAsync("TERM");

        Assert.Contains("to release it anyway: cnid release --force", await Lab.FailsAsync($"{Lab.Cnid} release one"),
            StringComparison.Ordinal);
        SaysWhatMayBeLeft(await Lab.OkAsync($"{Lab.Cnid} release --force one"));

        await NothingIsKnownAsync();
        Assert.Equal("", (await Lab.RunAsync("ls /run/cnid/containers")).Output);
        if (!daemonRuns)
            await Lab.StartCnidAsync();
        await ListAsync("pods", Bridge);
        await Lab.OkAsync("docker rm one");
        await RunAsync("two", "--label cni.networks=pods");
        await Lab.DockerAsync("rm -f two");
        await GoneAsync("two");
        await RemoveBridgeAsync();
    }

    [Fact]
    public async Task B_ForcedReleaseOfARunningLabelContainer_AttachesItAnew()
    {
        await ListAsync("pods", Bridge);
        var id = await RunAsync("one", "--label cni.networks=pods");

        Assert.Contains($"which is detached when it stops: docker stop {id[..12]}",
            await Lab.FailsAsync($"{Lab.Cnid} release {id[..12]}"), StringComparison.Ordinal);
        Assert.Contains($"released pods/{id}/eth0", await Lab.OkAsync($"{Lab.Cnid} release --force {id[..12]}"), StringComparison.Ordinal);

        await AttachedAsync("one");
        await InAsync("one", "ping -c1 -W3 10.77.0.1");
        await Lab.DockerAsync("rm -f one");
        await GoneAsync("one");
        await RemoveBridgeAsync();
    }

    [Fact]
    public async Task B_ReleaseOfWhatNobodyOwns_SaysWhyNot_AndThatForceExists()
    {
        await Lab.OkAsync(Endless + "; ip netns add released");
        await ListAsync("pods", Chain);
        await Lab.OkAsync($"{Lab.Cnid} add pods /run/netns/released; ip netns del released");
        var id = await ShownIdAsync();

        var refused = await Lab.FailsAsync($"{Lab.Cnid} release {id}");
        Assert.Matches("is not released: plugin endless of the list pods: the switch is on fire; to forget it anyway: cnid "
            + $"release --force {id}", refused);
        SaysWhatMayBeLeft(await Lab.OkAsync($"{Lab.Cnid} release --force {id}"));

        await NothingIsKnownAsync();
        Assert.Contains("has no attachment; see: cnid attachments", await Lab.FailsAsync($"{Lab.Cnid} release --force {id}"),
            StringComparison.Ordinal);
        await RemoveBridgeAsync();
    }

    [Fact]
    public async Task B_ForcedReleaseOfAnAddressOfTheIpamDriver()
    {
        await Lab.OkAsync("""
            cat > /opt/cni/bin/keeps <<'E'
            #!/bin/sh
            [ $CNI_COMMAND != DEL ] || [ ! -e /run/blocked ] || { echo '{"cniVersion":"1.0.0","code":104,"msg":"the switch is on fire"}';
            exit 1; }
            exec /usr/lib/cni/host-local
            E
            chmod +x /opt/cni/bin/keeps
            """);
        await ListAsync("pods", Bridge.Replace("\"host-local\"", "\"keeps\"", StringComparison.Ordinal));
        await Lab.DockerAsync("network create -d cni --ipam-driver cni --ipam-opt cni.network=pods -o cni.network=pods pods");
        await Lab.OkAsync("touch /run/blocked");
        await Lab.DockerAsync("run --rm --network pods lab true");
        await Lab.EventuallyAsync("it cannot be given back", async () =>
            (await Lab.OkAsync($"{Lab.Cnid} attachments")).Contains("the switch is on fire", StringComparison.Ordinal));
        var id = await ShownIdAsync();

        Assert.Contains("tries to release (", await Lab.FailsAsync($"{Lab.Cnid} release {id}"), StringComparison.Ordinal);
        SaysWhatMayBeLeft(await Lab.OkAsync($"{Lab.Cnid} release --force {id}"));

        await NothingIsKnownAsync();
        Assert.Equal("", await Lab.OkAsync("ls /var/lib/cnid/reservations"));
        await Lab.OkAsync("rm /run/blocked; docker network rm pods; ip link delete pods0; rm -r /var/lib/cni/networks/pods");
    }

    // What a forced release leaves, as it says.
    protected override async Task ClearAsync()
    {
        await Lab.RunAsync("rm -f /var/lib/cni/networks/pods/10.*");
        await RemoveRulesOfAsync("pods");
    }

    private async Task<string> ShownIdAsync() => (await Lab.OkAsync($"{Lab.Cnid} attachments | awk '/^pods/ {{print $2; exit}}'")).Trim();

    private async Task NothingIsKnownAsync() =>
        Assert.Equal("", await Lab.OkAsync($"{Lab.Cnid} attachments --json | grep '\"pods\"'; grep -l '\"pods\"' "
            + "/var/lib/cnid/attachments/* /var/lib/cnid/endpoints/* 2> /dev/null; true"));

    private static void SaysWhatMayBeLeft(string said)
    {
        Assert.Matches("forgot pods/[^ ]+/eth0; its DEL failed: .*the switch is on fire", said);
        Assert.Matches("may remain: objects of .*(endless|keeps).*, for 10.77.0.[0-9]+/24", said);
        Assert.Contains("cnid doctor", said, StringComparison.Ordinal);
    }
}
