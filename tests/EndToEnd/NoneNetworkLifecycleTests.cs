using EndToEnd.Host;

namespace EndToEnd;

public sealed class NoneNetworkLifecycleTests(Lab lab) : NoneNetworkTest(lab)
{
    [Fact]
    public async Task PauseRenameRestartKillAndRemove_ExactlyOneDelPerAdd_WithTheNamespaceThere()
    {
        await PrepareAsync();
        var id = await RunAsync("one", "--label cni.networks=pods");
        await Lab.DockerAsync("pause one");
        await Lab.DockerAsync("unpause one");
        await Lab.DockerAsync("rename one other");
        await Lab.EventuallyAsync("the new name is known", async () => await PhaseAsync("other") == "attached");
        await Lab.DockerAsync("restart -t0 other");
        await Lab.EventuallyAsync("it is attached anew", async () =>
            (await CountedAsync(id)).Length == 3 && await PhaseAsync("other") == "attached");
        await InAsync("other", "ping -c1 -W3 10.77.0.1");
        await Lab.DockerAsync("kill other");
        await GoneAsync("other");
        await Lab.DockerAsync("start other");
        await AttachedAsync("other");
        await Lab.DockerAsync("rm -f other");
        await GoneAsync("other");

        Assert.Equal(["ADD with", "DEL with", "ADD with", "DEL with", "ADD with", "DEL with"], await CountedAsync(id));
        await FinishAsync();
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("KILL")]
    public async Task DaemonDown_WhileContainersStartAndEnd_TheyAreAttachedAndCleanedWhenItIsBack(string signal)
    {
        await PrepareAsync();
        var stays = await RunAsync("stays", "--label cni.networks=pods");
        var stops = await RunAsync("stops", "--label cni.networks=pods");
        var goes = await RunAsync("goes", "--label cni.networks=pods");
        var restarts = await RunAsync("restarts", "--label cni.networks=pods");
        await Lab.StopCnidAsync(signal);
        await Lab.DockerAsync("stop -t0 stops");
        await Lab.DockerAsync("rm -f goes");
        await Lab.DockerAsync("restart -t0 restarts");
        var late = await Lab.DockerAsync("run -d --name late --network none --label cni.networks=pods lab sleep 600");
        await Lab.StartCnidAsync();

        await AttachedAsync("late");
        await GoneAsync("stops");
        await GoneAsync("goes");
        await Lab.EventuallyAsync("the restarted one is attached anew", async () =>
            (await CountedAsync(restarts)).Length == 3 && await PhaseAsync("restarts") == "attached");
        Assert.Equal(["ADD with"], await CountedAsync(stays));
        Assert.Equal(["ADD with", "DEL with"], await CountedAsync(stops));
        Assert.Equal(["ADD with", "DEL with"], await CountedAsync(goes));
        Assert.Equal(["ADD with", "DEL with", "ADD with"], await CountedAsync(restarts));
        Assert.Equal(["ADD with"], await CountedAsync(late));
        await Lab.DockerAsync("rm -f stays stops restarts late");
        foreach (var name in new[] { "stays", "restarts", "late" })
            await GoneAsync(name);
        await FinishAsync();
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("KILL")]
    public async Task EngineRestarted_ThoseThatComeBackAreAttachedAnew_TheOthersCleaned(string signal)
    {
        await PrepareAsync();
        var ends = await RunAsync("ends", "--label cni.networks=pods");
        var returns = await RunAsync("returns", "--restart=always --label cni.networks=pods");
        await Lab.RestartEngineAsync(signal);

        await GoneAsync("ends");
        await Lab.EventuallyAsync("it is attached anew", async () =>
            (await CountedAsync(returns)).Length == 3 && await PhaseAsync("returns") == "attached");
        await InAsync("returns", "ping -c1 -W3 10.77.0.1");
        Assert.Equal(["ADD with", "DEL with"], await CountedAsync(ends));
        Assert.Equal(["ADD with", "DEL with", "ADD with"], await CountedAsync(returns));
        await Lab.DockerAsync("rm -f ends returns");
        await GoneAsync("returns");
        await FinishAsync();
    }

    [Fact]
    public async Task EventStreamCut_NothingIsMissed()
    {
        await PrepareAsync();
        await Lab.OkAsync("""
            cat > /run/relay.py <<'E'
            import os, socket, threading
            def pump(a, b):
                try:
                    while d := a.recv(65536): b.sendall(d)
                except OSError: pass
                for s in (a, b):
                    try: s.shutdown(socket.SHUT_RDWR)
                    except OSError: pass
            if os.path.exists('/run/relay.sock'): os.unlink('/run/relay.sock')
            door = socket.socket(socket.AF_UNIX); door.bind('/run/relay.sock'); door.listen()
            while True:
                a, _ = door.accept(); b = socket.socket(socket.AF_UNIX); b.connect('/var/run/docker.sock')
                for x, y in ((a, b), (b, a)): threading.Thread(target=pump, args=(x, y), daemon=True).start()
            E
            """);
        await Lab.OkAsync("setsid python3 /run/relay.py > /dev/null 2>&1 < /dev/null & echo $! > /run/relay.pid");
        await Lab.EventuallyAsync("the relay listens", async () =>
            (await Lab.RunAsync("docker -H unix:///run/relay.sock version")).Status == 0);
        await Lab.RestartCnidAsync("CNID_DOCKER_HOST=unix:///run/relay.sock");
        var one = await RunAsync("one", "--label cni.networks=pods");
        await Lab.OkAsync("kill -9 $(cat /run/relay.pid); rm -f /run/relay.sock");
        await Lab.DockerAsync("rm -f one");
        var two = await Lab.DockerAsync("run -d --name two --network none --label cni.networks=pods lab sleep 600");
        await Lab.OkAsync("setsid python3 /run/relay.py > /dev/null 2>&1 < /dev/null & echo $! > /run/relay.pid");

        await AttachedAsync("two");
        await GoneAsync("one");
        Assert.Equal(["ADD with", "DEL with"], await CountedAsync(one));
        await Lab.DockerAsync("rm -f two");
        await GoneAsync("two");
        Assert.Equal(["ADD with", "DEL with"], await CountedAsync(two));
        await Lab.RestartCnidAsync();
        await Lab.OkAsync("kill -9 $(cat /run/relay.pid); rm -f /run/relay.*");
        await FinishAsync();
    }

    [Fact]
    public async Task HostRebooted_AddressesAreFree_AndThoseWithARestartPolicyAreAttachedAnew()
    {
        await PrepareAsync();
        var ends = await RunAsync("ends", "--label cni.networks=pods");
        var returns = await RunAsync("returns", "--restart=always --label cni.networks=pods");
        await Lab.StopCnidAsync("KILL");
        // The back end nftables needs forwarding from the boot on (docs/engines.md).
        var forwarding = Lab.Engine.UsesNftables ? 1 : 0;
        await Lab.OkAsync($$"""
            pkill -9 -x dockerd; while pgrep -x dockerd > /dev/null; do sleep 0.1; done
            pkill -9 containerd; pkill -9 -x sleep
            for pin in /run/cnid/containers/*; do umount $pin; done; rm -rf /run/cnid; ip link delete pods0; nft flush ruleset
            sysctl -qw net.ipv4.ip_forward={{forwarding}} net.ipv6.conf.all.forwarding={{forwarding}}
            cat /proc/sys/kernel/random/uuid > /run/boot_id; mount --bind /run/boot_id /proc/sys/kernel/random/boot_id
            """);
        await Lab.StartCnidAsync();
        await Lab.RestartEngineAsync("KILL");

        await Lab.EventuallyAsync("it is attached anew", async () => (await CountedAsync(returns))
            .Count(line => line.StartsWith("ADD", StringComparison.Ordinal)) == 2 && await PhaseAsync("returns") == "attached");
        await GoneAsync("ends");
        await InAsync("returns", "ping -c1 -W3 10.77.0.1");
        Assert.Equal("1", await Lab.OkAsync("ls /var/lib/cni/networks/pods | grep -c ^10"));
        Assert.Equal(["ADD with", "DEL without"], await CountedAsync(ends));
        await Lab.DockerAsync("rm -f ends returns");
        await GoneAsync("returns");
        await Lab.OkAsync("umount /proc/sys/kernel/random/boot_id; rm /run/boot_id");
        await Lab.RestartCnidAsync();
        await FinishAsync();
    }

    [Fact]
    public async Task HundredAtOnce_HaveDistinctAddresses_AndNoneIsLeft()
    {
        await Lab.RestartCnidAsync("CNID_BUILTIN=always");
        await ListAsync("pods", Bridge);
        await Lab.OkAsync(
            "seq 100 | xargs -P 20 -I{} docker run -d --name c{} --network none --label cni.networks=pods lab sleep 600 > /dev/null");
        await Lab.EventuallyAsync("all are attached", async () =>
            await Lab.OkAsync($"{Lab.Cnid} attachments --json | grep -c '\"phase\": \"added\"'") == "100", seconds: 120);
        Assert.Equal("100", await Lab.OkAsync($"{Lab.Cnid} attachments | grep -o '10.77.0.[0-9]*/24' | sort -u | wc -l"));
        // over a hundred at once an engine can lock itself up (20.10, libnetwork's watchLoop)
        await Lab.OkAsync("docker ps -aq | xargs -n 10 docker rm -f > /dev/null");
        await Lab.EventuallyAsync("none is attached", async () =>
            await Lab.OkAsync($"{Lab.Cnid} attachments --json") == "[]", seconds: 120);
        Assert.Equal("", (await Lab.RunAsync("ls /var/lib/cni/networks/pods | grep ^10; ls /run/cnid/containers /var/lib/cnid/containers "
            + "| grep json; ip -o link | grep veth")).Output);
        await RemoveBridgeAsync();
        await Lab.RestartCnidAsync();
    }

    private async Task PrepareAsync()
    {
        await CounterAsync();
        await ListAsync("pods", Bridge + """,{"type":"counter"}""");
    }

    private Task<string> FinishAsync() => Lab.OkAsync("ip link delete pods0; rm -f /run/counted");
}
