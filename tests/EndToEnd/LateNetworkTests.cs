using EndToEnd.Host;

namespace EndToEnd;

/// <summary>Networks that come later than the containers that are on them: Docker tries no failed start again, cnid does.</summary>
public sealed class LateNetworkTests(Lab lab) : NoneNetworkTest(lab)
{
    // The three ways in which a container gets a network.
    public static TheoryData<string> Doors =>
        ["--network late", "--network none --label cni.networks=late", "--network none --runtime cni --label cni.networks=late"];

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task C_NetworkThatComesAfterTheEngine_BringsItsContainersUp(string door)
    {
        await NetworkAsync();
        await RunsAsync("app", $"--restart always {door}");

        await AbsentAsync();
        await Lab.RestartEngineAsync("TERM");
        await WaitsAsync("app");
        Assert.Contains("the network is late", await Lab.OkAsync($"{Host.Lab.Cnid} attachments"), StringComparison.Ordinal);
        await PresentAsync();

        await HasAddressAsync("app");
        await Lab.EventuallyAsync("nothing waits", async () => await Lab.OkAsync("ls /var/lib/cnid/starts") == "");
        await RemoveAsync();
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task C_DaemonRestartedMeanwhile_RemembersWhatItIsToStart(string door)
    {
        await NetworkAsync();
        await RunsAsync("app", $"--restart unless-stopped {door}");
        await AbsentAsync();
        await Lab.RestartEngineAsync("TERM");
        await WaitsAsync("app");

        await Lab.StopCnidAsync("KILL");
        await PresentAsync();
        await Lab.StartCnidAsync();

        await HasAddressAsync("app");
        await RemoveAsync();
    }

    [Fact]
    public async Task C_ContainerThatEndsWhileItsNetworkIsAway_ComesBackToo()
    {
        await NetworkAsync();
        await RunsAsync("app", "--restart always --network late");
        await AbsentAsync();

        await Lab.OkAsync("kill -KILL $(docker inspect -f '{{.State.Pid}}' app)"); // Docker restarts it, and gives up
        await WaitsAsync("app");
        await PresentAsync();

        await HasAddressAsync("app");
        await RemoveAsync();
    }

    [Theory]
    [MemberData(nameof(Doors))]
    public async Task C_FirstRun_IsLeftAlone(string door)
    {
        await NetworkAsync();
        await AbsentAsync();

        await Lab.RunAsync($"docker run -d --name first --restart always {door} lab sleep 600");
        await Lab.EventuallyAsync("it does not run", async () => await Lab.DockerAsync("inspect -f {{.State.Running}} first") == "false");
        await Lab.EventuallyAsync("no start is remembered", async () => await Lab.OkAsync("ls /var/lib/cnid/starts") == "");
        await PresentAsync();

        Assert.Equal("false", await Lab.DockerAsync("inspect -f {{.State.Running}} first"));
        await RemoveAsync();
    }

    [Theory]
    [InlineData("docker update --restart=no app")]
    [InlineData("cnid release app")]
    [InlineData("docker network disconnect late app")]
    public async Task C_RetriesEnd_WhenTheirContainerIsChanged(string command)
    {
        await NetworkAsync();
        await RunsAsync("app", "--restart always --network late");
        await AbsentAsync();
        await Lab.RestartEngineAsync("TERM");
        await WaitsAsync("app");

        await Lab.OkAsync(command.Replace("cnid ", Host.Lab.Cnid + " ", StringComparison.Ordinal));
        await Lab.EventuallyAsync("no start is remembered", async () => await Lab.OkAsync("ls /var/lib/cnid/starts") == "");
        await PresentAsync();

        Assert.Equal("false", await Lab.DockerAsync("inspect -f {{.State.Running}} app"));
        await RemoveAsync();
    }

    [Fact]
    public async Task C_DaemonThatComesAfterTheEngine_BringsUpContainersOfTheRuntime()
    {
        await NetworkAsync();
        await RunsAsync("app", "--restart always --network none --runtime cni --label cni.networks=late");
        await Lab.StopCnidAsync("TERM");
        await Lab.RestartEngineAsync("TERM");
        Assert.Contains("the daemon does not answer", await Lab.DockerAsync("inspect -f {{.State.Error}} app"), StringComparison.Ordinal);

        await Lab.StartCnidAsync();

        await HasAddressAsync("app");
        await RemoveAsync();
    }

    // What cnid does not know of, it learns from the engine, which answers only when it has started its containers.
    [Fact]
    public async Task C_NetworkWhoseStateWasLost_IsRebuilt_AndBringsItsContainersUp()
    {
        await Lab.DockerAsync("network create -d cni --subnet 10.79.3.0/24 lost");
        await RunsAsync("app", "--restart always --network lost");
        await Lab.OkAsync("pkill -TERM -x dockerd; while pgrep -x dockerd > /dev/null; do sleep 0.1; done");
        await Lab.StopCnidAsync("TERM");
        await Lab.OkAsync("rm -r /var/lib/cnid/networks");
        await Lab.StartCnidAsync();
        await Lab.RestartEngineAsync("TERM");

        await HasAddressAsync("app");
        await Lab.DockerAsync("rm -f app");
        await Lab.DockerAsync("network rm lost");
    }

    [Theory]
    [InlineData("")]
    [InlineData("--restart always --label com.docker.swarm.task.id=task")]
    public async Task C_ContainerWithoutAPolicyOrOfSwarm_IsLeftAlone(string options)
    {
        await NetworkAsync();
        await RunsAsync("app", $"{options} --network late");
        await AbsentAsync();
        await Lab.FailsAsync("docker restart -t 0 app");

        await Lab.EventuallyAsync("no start is remembered", async () => await Lab.OkAsync("ls /var/lib/cnid/starts") == "");

        Assert.Contains("the network is late [cnid ", await Lab.DockerAsync("inspect -f {{.State.Error}} app"), StringComparison.Ordinal);
        await RemoveAsync();
    }

    // The engine takes our stop for the user's, and starts a container of unless-stopped at no boot after it.
    [Fact]
    public async Task C_ContainerOfUnlessStopped_ThatCnidStoppedAtItsFirstRun_ComesUpAfterTheNextBoot()
    {
        await NetworkAsync();
        await AbsentAsync();
        await Lab.DockerAsync("run -d --name app --restart unless-stopped --network none --label cni.networks=late lab sleep 600");
        await Lab.EventuallyAsync("it is stopped", async () => await Lab.DockerAsync("inspect -f {{.State.Running}} app") == "false");
        await PresentAsync();
        Assert.Equal("waiting", await PhaseAsync("app"));
        Assert.Contains("after the next boot", await Lab.OkAsync($"{Host.Lab.Cnid} attachments"), StringComparison.Ordinal);

        await Lab.StopCnidAsync("TERM");
        await Lab.OkAsync("sed -i 's/\"boot\": \"[^\"]*\"/\"boot\": \"another\"/' /var/lib/cnid/*/*.json");
        await Lab.RestartEngineAsync("TERM");
        Assert.Equal("false", await Lab.DockerAsync("inspect -f {{.State.Running}} app"));
        await Lab.StartCnidAsync();

        await HasAddressAsync("app");
        await RemoveAsync();
    }

    [Fact]
    public async Task C_ContainerKeptWithoutItsNetworks_IsAttachedWhenTheyCome()
    {
        await NetworkAsync();
        await AbsentAsync();
        await Lab.DockerAsync("run -d --name kept --network none --label cni.networks=late --label cni.on-failure=keep lab sleep 600");
        await Lab.EventuallyAsync("it has failed", async () => await PhaseAsync("kept") == "failed");

        await PresentAsync();

        await Lab.EventuallyAsync("it is attached", async () => await PhaseAsync("kept") == "attached", seconds: 90);
        await RemoveAsync("kept");
    }

    [Fact]
    public async Task C_ParentThatComesLater_BringsItsContainersUp()
    {
        await Lab.OkAsync("ip link add late0 type veth peer name late1 && ip link set late0 up && ip link set late1 up");
        await Lab.DockerAsync("network create -d cni -o cni.type=macvlan -o cni.master=late0 --subnet 10.79.1.0/24 lan");
        await RunsAsync("app", "--restart always --network lan");

        await Lab.OkAsync("ip link delete late0");
        await Lab.RestartEngineAsync("TERM");
        await WaitsAsync("app");
        await Lab.OkAsync("ip link add late0 type veth peer name late1 && ip link set late0 up && ip link set late1 up");

        await HasAddressAsync("app");
        await Lab.DockerAsync("rm -f app");
        await Lab.OkAsync("ip link delete late0");
    }

    protected override Task ClearAsync() => Lab.RunAsync("rm -f /run/network-is-there; ip link delete late0; ip link delete pods0");

    private async Task NetworkAsync()
    {
        await PresentAsync();
        await ListAsync("late", $$"""{{Bridge}},{"type":"gate"}""");
        await Lab.OkAsync("""
            cat > /opt/cni/bin/gate <<'E'
            #!/bin/sh
            case $CNI_COMMAND in
            VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}' ;;
            ADD)
                if [ ! -e /run/network-is-there ]; then
                    echo '{"cniVersion":"1.0.0","code":100,"msg":"the network is late"}'
                    exit 1
                fi
                python3 -c 'import json,sys; print(json.dumps(json.load(sys.stdin)["prevResult"]))' ;;
            esac
            E
            chmod +x /opt/cni/bin/gate
            """);
        await Lab.DockerAsync("network create -d cni -o cni.network=late --ipam-driver null late");
    }

    private Task<string> PresentAsync() => Lab.OkAsync("touch /run/network-is-there");

    private Task<string> AbsentAsync() => Lab.OkAsync("rm /run/network-is-there");

    private async Task RunsAsync(string name, string options)
    {
        await Lab.DockerAsync($"run -d --name {name} {options} lab sleep 600");
        await HasAddressAsync(name);
    }

    private Task HasAddressAsync(string name) => Lab.EventuallyAsync(
        $"{name} runs with its address", async () =>
            (await Lab.RunAsync($"docker exec {name} ip -4 address show eth0")).Output.Contains("inet 10.7", StringComparison.Ordinal),
                seconds: 90);

    private Task WaitsAsync(string name) => Lab.EventuallyAsync($"{name} waits", async () => await PhaseAsync(name) == "waiting");

    private async Task RemoveAsync(string name = "app")
    {
        await Lab.RunAsync($"docker rm -f {name} first");
        await GoneAsync(name);
        await Lab.DockerAsync("network rm late");
    }
}
