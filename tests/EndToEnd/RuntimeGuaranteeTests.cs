using EndToEnd.Host;

namespace EndToEnd;

/// <summary>
/// <c>docker run --runtime cni</c>: a labelled container has its networks before its first instruction, or does not start.
/// </summary>
public sealed class RuntimeGuaranteeTests(Lab lab) : LabTest(lab), IAsyncLifetime
{
    private const string None = "--runtime cni --network none";
    private const string Labelled = None + " --label cni.networks=podnet";

    [Fact]
    public async Task FirstInstruction_HasItsInterfaceAndReachesItsPeer_FiftyTimesOfFifty()
    {
        var peer = await PeerAsync();

        var output = await Lab.OkAsync($$"""
            for i in $(seq 50); do
                docker run --rm {{Labelled}} lab sh -c 'ip -4 -o address show eth0 && exec wget -q -O- http://{{peer}}/' ||
                    echo "start $i failed"
            done
            """);

        Assert.DoesNotContain("failed", output, StringComparison.Ordinal);
        Assert.Equal(50, output.Split('\n').Count(line => line == "hello"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("--init")]
    [InlineData("-t")]
    [InlineData("--runtime cni-by-arguments")]
    public async Task Container_StartedInAnyWay_HasItsNetwork(string options)
    {
        var peer = await PeerAsync();

        var output = await Lab.DockerAsync($"run --rm {Labelled} {options} lab wget -q -O- http://{peer}/");

        Assert.Equal("hello", output);
    }

    [Fact]
    public async Task Exec_IsInTheContainersNetwork()
    {
        var peer = await PeerAsync();
        var container = await Lab.DockerAsync($"run -d {Labelled} lab sleep 600");

        Assert.Equal("hello", await Lab.DockerAsync($"exec {container} wget -q -O- http://{peer}/"));
        Assert.Equal("7", await Lab.OkAsync($"docker exec {container} sh -c 'exit 7'; echo $?"));
        Assert.Equal("in", await Lab.OkAsync($"echo in | docker exec -i {container} cat"));
    }

    [Fact]
    public async Task RestartPolicy_EveryStartHasItsNetwork()
    {
        await PodNetworkAsync();
        var container = await Lab.DockerAsync($"run -d --restart always {Labelled} lab sh -c 'ip -4 -o address show eth0 || echo missing'");

        await Lab.EventuallyAsync("four starts", async () => (await Lab.DockerAsync($"logs {container}")).Split('\n').Length >= 4);

        var starts = await Lab.DockerAsync($"logs {container}");
        Assert.All(starts.Split('\n'), start => Assert.Contains("inet 10.66.", start, StringComparison.Ordinal));
    }

    [Fact]
    public async Task EngineRestarted_ContainersWithAPolicyComeBackWithTheirNetwork()
    {
        var peer = await PeerAsync();
        var container = await Lab.DockerAsync(
            $"run -d --restart always {Labelled} lab sh -c 'ip -4 -o address show eth0 || echo missing; exec sleep 600'");

        await Lab.RestartEngineAsync("TERM");
        await Lab.EventuallyAsync("two starts", async () => (await Lab.DockerAsync($"logs {container}")).Split('\n').Length == 2);

        Assert.DoesNotContain("missing", await Lab.DockerAsync($"logs {container}"), StringComparison.Ordinal);
        await Lab.DockerAsync("start peer");
        peer = await AddressAsync("peer");
        Assert.Equal("hello", await Lab.DockerAsync($"exec {container} wget -q -O- http://{peer}/"));
    }

    [Theory]
    [InlineData("--network none")]
    [InlineData("--network bridge")]
    [InlineData("--network bridge --label cni.networks=podnet")]
    [InlineData("--network host")]
    [InlineData("--network none --label cni.networks=")]
    public async Task Container_ThatAsksForNothing_IsAsWithRunc_DaemonOrNot(string options)
    {
        // What a process inherits: limits, signals, capabilities, descriptors; and which interfaces there are. Not what differs from one
        // start to the next.
        const string Look = "lab sh -c 'ulimit -a; umask; cat /proc/self/status /proc/self/oom_score_adj; echo /proc/self/fd/*; ip -o link'"
            + " | grep -vE '^(Tgid|Pid|NS[a-z]*|SigQ|Vm.*|Rss.*|.*ctxt.*):' | sed 's/@if.*//; s/^[0-9]*: \\([a-z]*\\).*/\\1/'";
        await PodNetworkAsync();
        await Lab.StopCnidAsync("TERM");

        var own = await Lab.DockerAsync($"run --rm --runtime cni {options} {Look}");
        var runcs = await Lab.DockerAsync($"run --rm {options} {Look}");

        Assert.Equal(runcs, own);
        await Lab.StartCnidAsync();
    }

    [Fact]
    public async Task DaemonDown_LabelledContainer_DoesNotStart_AndSaysWhy()
    {
        await PodNetworkAsync();
        await Lab.StopCnidAsync("KILL");

        var said = await Lab.FailsAsync($"docker run --rm {Labelled} lab true");

        Assert.Contains("cnid: the daemon does not answer on /run/cnid/admin.sock", said, StringComparison.Ordinal);
        Assert.Equal("", await Lab.DockerAsync("ps -aq"));
        await Lab.StartCnidAsync();
    }

    [Theory]
    [InlineData("cni.networks=nonesuch", "nonesuch")]
    [InlineData("cni.networks=podnet,podnet@eth1", "podnet is named twice")]
    [InlineData("cni.networks=podnet --label cni.podnet.colour=red", "cni.podnet.colour")]
    public async Task WrongLabel_IsInTheOutputOfDockerRun_AndNothingStarts(string labels, string word)
    {
        await PodNetworkAsync();

        var said = await Lab.FailsAsync($"docker run --rm {None} --label {labels} lab true");

        Assert.Contains("cnid: label", said, StringComparison.Ordinal);
        Assert.Contains(word, said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProgramMissing_AfterItsNetworkWasMade_LeavesNothing()
    {
        await PodNetworkAsync();

        var said = await Lab.FailsAsync($"docker run --name lost {Labelled} lab /nonesuch");

        Assert.Contains("/nonesuch", said, StringComparison.Ordinal);
        await Lab.EventuallyAsync("it is detached", async () =>
            (await Lab.OkAsync($"{Host.Lab.Cnid} attachments --json")).Trim() == "[]", seconds: 10);
        Assert.Equal("0", (await Lab.RunAsync("ls /var/lib/cni/networks/podnet | grep -c 10.66")).Output.Trim());
    }

    [Fact]
    public async Task DaemonKilled_WhileTheContainerWaits_ContainerDoesNotStart_AndNothingLeaks()
    {
        await SlowNetworkAsync();
        var run = Lab.RunAsync($"docker run --rm {None} --label cni.networks=slownet lab true");
        await Lab.EventuallyAsync("the plugin runs", async () => (await Lab.RunAsync("test -e /run/slow")).Status == 0);

        await Lab.OkAsync("pkill -KILL -f 'cnid serve'"); // not the hook, which is a cnid too

        var said = await run;
        Assert.NotEqual(0, said.Status);
        Assert.Contains("cnid: the daemon closed the connection", said.Text, StringComparison.Ordinal);
        await Lab.StartCnidAsync();
        await NothingIsAttachedAsync();
    }

    [Fact]
    public async Task DockerRunKilled_WhileTheContainerWaits_ContainerHasItsNetworkOrIsGone()
    {
        await SlowNetworkAsync();
        var run = Lab.RunAsync($"docker run --name waits {None} --label cni.networks=slownet lab sleep 600");
        await Lab.EventuallyAsync("the plugin runs", async () => (await Lab.RunAsync("test -e /run/slow")).Status == 0);

        await Lab.RunAsync("pkill -KILL -f 'docker run --name waits'");
        await run;

        await Lab.EventuallyAsync("it is decided", async () =>
            (await Lab.DockerAsync("inspect -f '{{.State.Status}}' waits")) is "running" or "exited" or "created");
        if (await Lab.DockerAsync("inspect -f '{{.State.Status}}' waits") == "running")
            Assert.Contains("slownet", await Lab.OkAsync($"{Host.Lab.Cnid} attachments"), StringComparison.Ordinal);
        await Lab.DockerAsync("rm -f waits");
        await NothingIsAttachedAsync();
    }

    // The bridge of an administrator's list is nobody's to remove.
    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await Lab.RunAsync("docker rm -f $(docker ps -aq); ip link delete pod0");
        await DisposeAsync();
    }

    // While its plugin is still there: a DEL without it fails.
    private Task NothingIsAttachedAsync() =>
        Lab.EventuallyAsync("nothing is attached", async () => await Lab.OkAsync($"{Host.Lab.Cnid} attachments --json") == "[]"
            && (await Lab.RunAsync("ls /var/lib/cnid/containers")).Output.Length == 0);

    private async Task<string> PeerAsync()
    {
        await PodNetworkAsync();
        await Lab.DockerAsync($"run -d --name peer {Labelled} lab httpd -f -h /www");
        return await AddressAsync("peer");
    }

    private Task<string> AddressAsync(string container) =>
        Lab.OkAsync($"docker exec {container} ip -4 -o address show eth0 | sed 's|.*inet \\([0-9.]*\\)/.*|\\1|'");

    private Task<string> PodNetworkAsync() => Lab.OkAsync("""
        cat > /etc/cni/net.d/podnet.conflist <<'END'
        {"cniVersion":"1.0.0","name":"podnet","plugins":[
          {"type":"bridge","bridge":"pod0","isGateway":true,"ipMasq":true,"ipam":{"type":"host-local",
           "ranges":[[{"subnet":"10.66.0.0/16"}]],"routes":[{"dst":"0.0.0.0/0"}]}},
          {"type":"firewall"}]}
        END
        """);

    // A plugin that takes two seconds, and says when it has begun.
    private Task<string> SlowNetworkAsync() => Lab.OkAsync("""
        rm -f /run/slow
        cat > /opt/cni/bin/slow <<'END'
        #!/bin/sh
        cat > /dev/null
        case $CNI_COMMAND in
            VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["1.0.0"]}' ;;
            ADD) touch /run/slow; sleep 2; echo '{"cniVersion":"1.0.0","interfaces":[],"ips":[]}' ;;
        esac
        END
        chmod +x /opt/cni/bin/slow
        echo '{"cniVersion":"1.0.0","name":"slownet","plugins":[{"type":"slow"}]}' > /etc/cni/net.d/slownet.conflist
        """);
}
