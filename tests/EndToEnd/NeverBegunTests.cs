using EndToEnd.Host;

namespace EndToEnd;

/// <summary>
/// ADDs that never begin leave nothing that would have to be deleted; those that fail are told with their reason, whatever becomes of the
/// undo.
/// </summary>
public sealed class NeverBegunTests(Lab lab) : NoneNetworkTest(lab)
{
    private const string Failing = """
        cat > /opt/cni/bin/failing <<'E'
        #!/bin/sh
        case $CNI_COMMAND in
            VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}'; exit ;;
            ADD) echo '{"cniVersion":"1.0.0","code":103,"msg":"the pool is dry"}'; exit 1 ;;
            DEL) [ ! -e /run/blocked ] || { echo '{"cniVersion":"1.0.0","code":104,"msg":"the switch is on fire"}'; exit 1; } ;;
        esac
        E
        chmod +x /opt/cni/bin/failing; touch /run/blocked
        """;

    private const string Broken = """
        cat > /opt/cni/bin/other-version <<'E'
        #!/bin/sh
        [ $CNI_COMMAND = VERSION ] && { echo '{"cniVersion":"1.0.0","supportedVersions":["1.0.0"]}'; exit; }
        echo '{"code":1,"msg":"incompatible CNI versions"}'
        exit 1
        E
        chmod +x /opt/cni/bin/other-version; cp /usr/lib/cni/tuning /opt/cni/bin/not-executable; chmod -x /opt/cni/bin/not-executable
        """;

    private const string Firewall = """{"type":"firewall"}""";
    private const string BadMtu = """{"type":"bridge","bridge":"pods0","mtu":"big","ipam":{"type":"host-local","subnet":"10.77.0.0/24"}}""";
    private const string BadPortmap = Bridge + """,{"type":"portmap","snat":"maybe"}""";

    [Theory]
    [InlineData("""{"type":"brigde"},{"type":"firewall"}""", "plugin brigde is not in /opt/cni/bin")]
    [InlineData(Bridge + """,{"type":"firewal"}""", "plugin firewal is not in /opt/cni/bin")]
    [InlineData(BadMtu, "plugins[0].mtu is the string \"big\", not a number")]
    [InlineData(BadPortmap, "plugins[1].snat is the string \"maybe\", neither true nor false")]
    [InlineData("""{"type":"other-version"}""", "incompatible CNI versions")]
    [InlineData(Bridge + """,{"type":"other-version"}""", "incompatible CNI versions")]
    [InlineData("""{"type":"not-executable"}""", "plugin not-executable could not be started")]
    [InlineData(Bridge + """,{"type":"not-executable"},{"type":"firewall"}""", "plugin not-executable could not be started")]
    public async Task B_AddThatNeverBegan_ContainerIsStopped_NothingIsKept_AndTheMendedListWorks(string plugins, string reason)
    {
        await Lab.OkAsync(Broken);
        await ListAsync("pods", plugins);

        await Lab.DockerAsync("run -d --name one --network none --label cni.networks=pods lab sleep 600");
        await Lab.EventuallyAsync("it is stopped", async () => await Lab.DockerAsync("inspect -f '{{.State.Running}}' one") == "false");

        Assert.Contains(reason, await Lab.OkAsync($"{Lab.Cnid} attachments"), StringComparison.Ordinal);
        Assert.Equal("", await Lab.OkAsync(
            "ls /var/lib/cnid/attachments 2> /dev/null; ls /var/lib/cni/networks/pods 2> /dev/null | grep ^10; true"));
        await ListAsync("pods", Bridge + "," + Firewall);
        await Lab.DockerAsync("start one");
        await AttachedAsync("one");
        await Lab.DockerAsync("rm -f one");
        await GoneAsync("one");
        await RemoveBridgeAsync();
    }

    [Theory]
    [InlineData("""{"type":"brigde"}""", "plugin brigde is not in /opt/cni/bin")]
    [InlineData("""{"type":"not-executable"}""", "plugin not-executable could not be started")]
    public async Task B_AddByHandThatNeverBegan_KeepsNothing_AndIsNotToBeDeletedFirst(string plugins, string reason)
    {
        await Lab.OkAsync(Broken + "; ip netns add by-hand");
        await ListAsync("pods", plugins);

        Assert.Contains(reason, await Lab.FailsAsync($"{Lab.Cnid} add pods /run/netns/by-hand"), StringComparison.Ordinal);
        Assert.Contains(reason, await Lab.FailsAsync($"{Lab.Cnid} add pods /run/netns/by-hand"), StringComparison.Ordinal);
        Assert.Contains("has no attachment eth0", await Lab.FailsAsync($"{Lab.Cnid} check pods /run/netns/by-hand"),
            StringComparison.Ordinal);

        await ListAsync("pods", Bridge);
        await Lab.OkAsync($"{Lab.Cnid} add pods /run/netns/by-hand && {Lab.Cnid} del pods /run/netns/by-hand && ip netns del by-hand && "
            + "ip link delete pods0");
    }

    [Theory]
    [InlineData("mv /opt/cni/bin/main /run/main", "plugin main is not in /opt/cni/bin")]
    [InlineData("chmod -x /opt/cni/bin/main", "plugin main could not be started")]
    [InlineData("printf '#!/no/such/interpreter' > /opt/cni/bin/main", "plugin main could not be started")]
    public async Task B_NetworkWhosePluginCannotBeStarted_RefusesTheContainer_AndKeepsNothing(string harm, string reason)
    {
        await Lab.OkAsync("cp /usr/lib/cni/bridge /opt/cni/bin/main");
        await ListAsync("pods", Bridge.Replace("\"bridge\",\"bridge\"", "\"main\",\"bridge\"", StringComparison.Ordinal) + "," + Firewall);
        await Lab.DockerAsync("network create -d cni -o cni.network=pods --ipam-driver null pods");
        await Lab.OkAsync(harm);

        Assert.Contains(reason, await Lab.FailsAsync("docker run --name one --network pods lab true"), StringComparison.Ordinal);
        Assert.Equal("", await Lab.OkAsync("ls /var/lib/cnid/attachments 2> /dev/null; ls /var/lib/cnid/endpoints"));

        await Lab.OkAsync("rm -f /opt/cni/bin/main; cp /usr/lib/cni/bridge /opt/cni/bin/main");
        await Lab.DockerAsync("start one");
        await Lab.DockerAsync("rm -f one");
        await Lab.OkAsync("docker network rm pods; ip link delete pods0; rm -f /run/main");
    }

    [Fact]
    public async Task B_AddAndItsUndoFail_DockersErrorTheLogAndAttachmentsTellBoth_AddsFirst()
    {
        await Lab.OkAsync(Failing);
        await ListAsync("pods", Bridge + """,{"type":"failing"}""");
        await Lab.DockerAsync("network create -d cni -o cni.network=pods --ipam-driver null pods");

        TellsBoth(await Lab.FailsAsync("docker run --rm --network pods lab true"));

        TellsBoth(await Lab.OkAsync($"{Lab.Cnid} attachments"));
        TellsBoth(string.Join('\n', Lab.CnidLog.Split('\n')
            .Where(line => line.Contains("ERR", StringComparison.Ordinal) && line.Contains("the pool is dry", StringComparison.Ordinal))
            .TakeLast(1)));
        await Lab.OkAsync("rm /run/blocked");
        await Lab.RestartCnidAsync();
        await Lab.EventuallyAsync("it is deleted", async () => await Lab.OkAsync($"{Lab.Cnid} attachments --json") == "[]");
        await Lab.OkAsync("docker network rm pods; ip link delete pods0");
    }

    [Fact]
    public async Task B_LabelContainersAddAndItsUndoFail_ItIsStopped_AndAttachmentsTellBoth()
    {
        await Lab.OkAsync(Failing);
        await ListAsync("pods", Bridge + """,{"type":"failing"}""");

        await Lab.DockerAsync("run -d --name one --network none --label cni.networks=pods lab sleep 600");
        await Lab.EventuallyAsync("it is stopped", async () => await Lab.DockerAsync("inspect -f '{{.State.Running}}' one") == "false");

        TellsBoth(await Lab.OkAsync($"{Lab.Cnid} attachments"));
        TellsBoth(Lab.CnidLog.Split('\n').Last(line => line.Contains("The container is stopped", StringComparison.Ordinal)));
        await Lab.OkAsync("rm /run/blocked");
        await Lab.DockerAsync("rm -f one");
        await Lab.OkAsync($"{Lab.Cnid} gc pods");
        await GoneAsync("one");
        await RemoveBridgeAsync();
    }

    [Fact]
    public async Task B_AddByHandAndItsUndoFail_BothAreTold_AndTheNextAddSaysWhatIsInItsWay()
    {
        await Lab.OkAsync(Failing + "; ip netns add by-hand");
        await ListAsync("pods", Bridge + """,{"type":"failing"}""");

        TellsBoth(await Lab.FailsAsync($"{Lab.Cnid} add pods /run/netns/by-hand"));
        var again = await Lab.FailsAsync($"{Lab.Cnid} add pods /run/netns/by-hand");
        TellsBoth(again);
        Assert.Contains("delete that attachment first", again, StringComparison.Ordinal);
        TellsBoth(await Lab.FailsAsync($"{Lab.Cnid} check pods /run/netns/by-hand"));
        TellsBoth(await Lab.OkAsync($"{Lab.Cnid} attachments"));
        Assert.Contains("the switch is on fire", await Lab.FailsAsync($"{Lab.Cnid} gc pods"), StringComparison.Ordinal);

        await Lab.OkAsync("rm /run/blocked");
        await Lab.OkAsync($"{Lab.Cnid} gc pods && ip netns del by-hand && ip link delete pods0");
        Assert.Equal("[]", await Lab.OkAsync($"{Lab.Cnid} attachments --json"));
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("keep")]
    public async Task B_RestartedContainer_WhoseEarlierDelFails_IsNotLeftWithoutItsNetworksInSilence(string onFailure)
    {
        await Lab.OkAsync(Failing.Replace("ADD)",
            "ADD) python3 -c 'import json,sys; print(json.dumps(json.load(sys.stdin)[\"prevResult\"]))'; exit ;; NEVER)",
            StringComparison.Ordinal));
        await ListAsync("pods", Bridge + """,{"type":"failing"}""");
        await RunAsync("one", $"--label cni.networks=pods --label cni.on-failure={onFailure}");

        await Lab.DockerAsync("restart -t0 one");
        var said = onFailure == "stop" ? "The container is stopped" : "The container keeps running without its networks";
        await Lab.EventuallyAsync("it is told", () => Task.FromResult(Lab.CnidLog.Split('\n').Any(line =>
            line.Contains("the attachments of a previous start could not be deleted", StringComparison.Ordinal)
            && line.Contains("cnid release --force", StringComparison.Ordinal) && line.Contains(said, StringComparison.Ordinal))));
        await Lab.EventuallyAsync("it is stopped, or kept", async () =>
            await Lab.DockerAsync("inspect -f '{{.State.Running}}' one") == (onFailure == "keep" ? "true" : "false"));
        Assert.Contains("the switch is on fire", await Lab.OkAsync($"{Lab.Cnid} attachments"), StringComparison.Ordinal);

        await Lab.OkAsync("rm /run/blocked");
        await Lab.DockerAsync("rm -f one");
        await Lab.OkAsync($"{Lab.Cnid} gc pods");
        await GoneAsync("one");
        await RemoveBridgeAsync();
    }

    private static void TellsBoth(string text)
    {
        var flat = string.Join(' ', text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)); // a table breaks its lines
        Assert.Matches("the pool is dry.*the switch is on fire", flat);
    }
}
