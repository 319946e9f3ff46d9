using EndToEnd.Host;

namespace EndToEnd;

/// <summary>Every endpoint ends: whatever is killed, hangs or fails, and whoever does not come back.</summary>
public sealed class EndpointLifeTests(Lab lab) : LabTest(lab)
{
    // Its DEL hangs, or fails, for as long as there is a file of that name; "remote" is a plugin that nobody knows.
    private static string Plugin(string name) => $$$"""
        cat > /opt/cni/bin/{{{name}}} <<'E'
        #!/bin/sh
        case $CNI_COMMAND in
            VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}' ;;
            ADD) python3 -c 'import json,sys; print(json.dumps(json.load(sys.stdin)["prevResult"]))' ;;
            DEL) [ ! -e /run/hangs ] || sleep 1000; [ ! -e /run/fails ] ||
                { echo '{"cniVersion":"1.0.0","code":100,"msg":"the switch is on fire"}'; exit 1; } ;;
        esac
        E
        chmod +x /opt/cni/bin/{{{name}}}
        """;

    // host-local, which does not give back as long as there is /run/fails.
    private const string Ipam = """
        cat > /opt/cni/bin/keeps <<'E'
        #!/bin/sh
        if [ "$CNI_COMMAND" = DEL ] && [ -e /run/fails ]; then echo '{"cniVersion":"1.0.0","code":100,"msg":"the books are on fire"}';
        exit 1; fi
        exec /usr/lib/cni/host-local
        E
        chmod +x /opt/cni/bin/keeps
        """;

    private async Task ListAsync(string name, int subnet, string more = "", string ipam = "host-local")
    {
        await Lab.OkAsync($$$"""
            echo '{"cniVersion":"1.0.0","name":"{{{name}}}","plugins":[{"type":"bridge","bridge":"{{{name}}}-br","isGateway":true,
                "ipam":{"type":"{{{ipam}}}","subnet":"10.77.{{{subnet}}}.0/24"}}{{{more}}}]}' > /etc/cni/net.d/{{{name}}}.conflist
            """);
        await Lab.DockerAsync($"network create -d cni -o cni.network={name} --ipam-driver null {name}");
    }

    // As a service manager does, whose engine goes on: Docker activates nobody again.
    private async Task StartCnidAloneAsync()
    {
        await Lab.OkAsync($"setsid {Host.Lab.Cnid} serve --log-level debug >> {Lab.Folder}/cnid.log 2>&1 < /dev/null & exit 0");
        await Lab.EventuallyAsync("cnid answers", async () => (await Lab.RunAsync($"{Host.Lab.Cnid} health")).Status == 0);
    }

    private Task<string> RebootAsync() => Lab.OkAsync("""sed -i 's/"boot": ".*"/"boot": "earlier"/' /var/lib/cnid/endpoints/*.json""");

    private async Task<string> EndpointsAsync() => (await Lab.RunAsync("ls /var/lib/cnid/endpoints")).Output.Trim();

    [Fact]
    public async Task B_KilledInDeleteEndpointOfADisconnect_EndsByItself()
    {
        await Lab.DockerAsync("network create -d cni web");
        await ListAsync("pods", 0);
        await Lab.DockerAsync("run -d --name server --network web lab sleep 600");
        await Lab.DockerAsync("network connect pods server");
        var ids =
            await Lab.DockerAsync(
                """inspect -f '{"NetworkID":"{{.NetworkSettings.Networks.pods.NetworkID}}","EndpointID":"""
            + """ "{{.NetworkSettings.Networks.pods.EndpointID}}"}' server""");
        var endpoint = await Lab.DockerAsync("inspect -f '{{.NetworkSettings.Networks.pods.EndpointID}}' server");
        // Docker says it again: what it writes first after that, it writes in DeleteEndpoint.
        await Lab.OkAsync($"curl -s --unix-socket {Host.Lab.Socket} -d '{ids}' http://d/NetworkDriver.Leave");
        await Lab.OkAsync("setsid strace -f -qq -o /dev/null -e trace=rename -e inject=rename:signal=KILL:when=1 -p $(pgrep -x cnid) > "
            + "/dev/null 2>&1 < /dev/null & exit 0");
        await Lab.EventuallyAsync("strace has every thread", async () =>
            (await Lab.RunAsync("! grep -l '^TracerPid:.0$' /proc/$(pgrep -x cnid)/task/*/status")).Status == 0);
        await Lab.OkAsync("setsid docker network disconnect pods server > /dev/null 2>&1 < /dev/null & exit 0");
        await Lab.EventuallyAsync("the daemon is dead", async () => (await Lab.RunAsync("pgrep -x cnid")).Status != 0);
        Assert.Contains("\"phase\": \"Left\"", await Lab.OkAsync($"cat /var/lib/cnid/endpoints/{endpoint}.json"), StringComparison.Ordinal);
        await Lab.OkAsync($"ip link show cni{endpoint[..12]}");

        await StartCnidAloneAsync();
        await Lab.EventuallyAsync("the endpoint has ended", async () =>
            !(await EndpointsAsync()).Contains(endpoint, StringComparison.Ordinal), seconds: 150);
        Assert.Equal("", (await Lab.RunAsync("ls /var/lib/cni/networks/pods | grep ^10; ip -o link show master pods-br; ip -o link | "
            + $"grep cni{endpoint[..12]}")).Output);
        await ClearAsync("server");
    }

    [Theory]
    [InlineData("tuning", true)]
    [InlineData("remote", false)]
    public async Task B_EndpointOfAnEarlierBoot_GoesAfterOneFailedDel_UnlessAServerMayKnowOfIt(string plugin, bool goes)
    {
        await Lab.OkAsync(Plugin(plugin));
        await ListAsync("pods", 0, $$$""",{"type":"portmap","capabilities":{"portMappings":true}},{"type":"{{{plugin}}}"}""");
        await Lab.DockerAsync("run -d --name server --network pods -p 8080:80 lab sleep 600");
        await Lab.OkAsync("touch /run/fails");
        await Lab.DockerAsync("rm -f server");
        Assert.Matches("the switch is on fire", await Lab.OkAsync($"{Host.Lab.Cnid} attachments"));
        await Lab.StopCnidAsync("KILL");
        await RebootAsync();
        await Lab.StartCnidAsync();

        await Lab.DockerAsync("run -d --name server --network pods -p 8080:80 lab sleep 600");
        var shown = await Lab.OkAsync($"{Host.Lab.Cnid} attachments");
        if (goes)
            Assert.DoesNotContain("the switch is on fire", shown, StringComparison.Ordinal);
        else
            Assert.Matches("DEL has failed [0-9]+ times; next try at [0-9:]+", shown);
        await Lab.OkAsync("rm /run/fails");
        await ClearAsync("server");
        await Lab.RestartCnidAsync();
    }

    [Fact]
    public async Task B_HangingPlugin_ActivationAnswers_AndOtherEndpointsGo()
    {
        await Lab.OkAsync(Plugin("remote"));
        await ListAsync("pods", 0, """,{"type":"remote"}""");
        await ListAsync("other", 1);
        foreach (var name in new[] { "one", "two", "three", "four", "five", "six" })
            await Lab.DockerAsync($"run -d --name {name} --network pods lab sleep 600");
        await Lab.DockerAsync("run -d --name free --network other lab sleep 600");
        var free = await Lab.DockerAsync("inspect -f '{{.NetworkSettings.Networks.other.EndpointID}}' free");
        await Lab.StopCnidAsync("KILL");
        await RebootAsync();
        await Lab.OkAsync("touch /run/hangs");
        await StartCnidAloneAsync();
        // One after the other they would take two minutes.
        await Lab.OkAsync($"curl -sf -m 20 --unix-socket {Host.Lab.Socket} -X POST http://d/Plugin.Activate");

        await Lab.EventuallyAsync("the endpoint of the other list is gone", async () =>
            !(await EndpointsAsync()).Contains(free, StringComparison.Ordinal));
        Assert.Equal(6, (await EndpointsAsync()).Split('\n').Length);
        await Lab.OkAsync("rm /run/hangs");
        await Lab.EventuallyAsync("all are gone", async () => (await EndpointsAsync()).Length == 0, seconds: 120);
        await ClearAsync("one two three four five six free");
        await Lab.RunAsync("ip link delete other-br");
    }

    [Fact]
    public async Task B_FixedAddressOfARecreatedContainer_WaitsForTheOldDel()
    {
        await Lab.OkAsync(Ipam);
        await ListAsync("pods", 0, ipam: "keeps");
        await Lab.DockerAsync("create --name first lab sleep 600");
        await Lab.DockerAsync("network connect --driver-opt cni.ips=10.77.0.50/24 pods first");
        await Lab.DockerAsync("start first");
        await Lab.OkAsync("touch /run/fails");
        await Lab.DockerAsync("rm -f first");
        Assert.Contains("the books are on fire", await Lab.OkAsync($"{Host.Lab.Cnid} attachments"), StringComparison.Ordinal);
        await Lab.OkAsync("rm /run/fails");

        await Lab.DockerAsync("create --name second lab sleep 600");
        await Lab.DockerAsync("network connect --driver-opt cni.ips=10.77.0.50/24 pods second");
        await Lab.DockerAsync("start second");
        Assert.Equal("10.77.0.50", await Lab.DockerAsync("inspect -f '{{.NetworkSettings.Networks.pods.IPAddress}}' second"));
        await ClearAsync("second");
    }

    [Fact]
    public async Task B_PidfdRefused_PluginsRunAllTheSame()
    {
        await ListAsync("pods", 0);
        await Lab.OkAsync("setsid strace -f -qq -o /dev/null -e trace=pidfd_open -e inject=pidfd_open:error=EPERM -p $(pgrep -x cnid) > "
            + "/dev/null 2>&1 < /dev/null & exit 0");
        await Lab.EventuallyAsync("strace has every thread", async () =>
            (await Lab.RunAsync("! grep -l '^TracerPid:.0$' /proc/$(pgrep -x cnid)/task/*/status")).Status == 0);
        await Lab.DockerAsync("run --rm --network pods lab ping -c1 -W3 10.77.0.1");
        await Lab.OkAsync("pkill -x strace; while pgrep -x strace > /dev/null; do sleep 0.1; done");
        await Lab.OkAsync("docker network prune -f; ip link delete pods-br");
    }

    protected override Task ClearAsync() => Lab.RunAsync("rm -f /run/fails /run/hangs");

    private async Task ClearAsync(string containers)
    {
        await Lab.DockerAsync($"rm -f {containers}");
        // what rests is tried at once
        await Lab.OkAsync($"curl -sf -m 20 --unix-socket {Host.Lab.Socket} -X POST http://d/Plugin.Activate");
        await Lab.EventuallyAsync("nothing is attached", async () => (await EndpointsAsync()).Length == 0, seconds: 90);
        await Lab.OkAsync("docker network prune -f");
        await Lab.RunAsync("ip link delete pods-br");
    }
}
