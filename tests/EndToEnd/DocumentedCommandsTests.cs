using EndToEnd.Host;
using EndToEnd.Shipping;

namespace EndToEnd;

/// <summary>What the README and the pages of docs say to type, typed.</summary>
public sealed class DocumentedCommandsTests(Lab lab) : NoneNetworkTest(lab)
{
    private const string Lists = "plugin-config/lists";

    // The pages' images, without a registry; and cnid on the path.
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Lab.OkAsync($"""
            mkdir -p /run/bin && ln -sf {Lab.Cnid} /run/bin/cnid
            docker create --name base lab true
            for image in busybox app web sidecar nginx; do
                command='sleep 600'; [ $image != nginx ] && [ $image != web ] || command='httpd -f -h /www'
                docker commit --change "CMD $command" base $image
            done
            docker rm base
            cp {Machine.Repository}/{Lists}/podnet.conflist /etc/cni/net.d/
            """);
    }

    protected override async Task ClearAsync() =>
        await Lab.OkAsync("docker rmi -f busybox app web sidecar nginx; rm -rf /run/bin /var/lib/cni/networks/*; for link in podnet0 "
            + "pods0 lab0 eth0; do ip link delete $link 2> /dev/null; done; true");

    [Fact]
    public async Task A_Commands_OfGeneratedNetworks_AreRight()
    {
        await DoAsync("readme: generated");
        await Lab.OkAsync("docker rm -f www; docker network rm web");
        await DoAsync("networks: generated");
    }

    [Fact]
    public async Task A_Commands_OfLists_AreRight()
    {
        Assert.Contains("inet 10.22.", await DoAsync("readme: list"), StringComparison.Ordinal);
        await Lab.DockerAsync("network rm pods");
        await DoAsync("networks: list");
        await Lab.DockerAsync("network rm pods");
        await DoAsync("networks: without a file");
        await Lab.DockerAsync("network rm lab pods");
        Assert.Contains("inet 10.22.", await DoAsync("lists: copy"), StringComparison.Ordinal);
        await Lab.DockerAsync("network rm podnet");

        await Lab.OkAsync("ip link add eth0 type veth peer name eth0-peer");
        await DoAsync("readme: lan");
        await Lab.DockerAsync("network rm lan");
        foreach (var command in CommandPages.Shown.Where(command => !command.Contains("network import", StringComparison.Ordinal))
            .Distinct())
            // doctor's is what it finds; 2 is wrong usage
            Assert.NotEqual(2, (await Lab.RunAsync($"PATH=/run/bin:$PATH; {command}")).Status);
        await ListAsync("pods", Bridge);
        await Lab.OkAsync(
            $"PATH=/run/bin:$PATH; {CommandPages.Shown.Single(command => command.Contains("network import", StringComparison.Ordinal))}");
    }

    [Fact]
    public async Task A_Commands_OfTheIpamDriver_AreRight()
    {
        await ListAsync("pods", Bridge);
        Assert.Contains("inet 10.77.0.", await DoAsync("ipam: list"), StringComparison.Ordinal);
        await Lab.DockerAsync("network rm pods");
        await ListAsync("pods", DualStack.Replace("fd77::", "fd00:77::", StringComparison.Ordinal));
        await DoAsync("ipam: both families");
    }

    // CSV as it is written on the page; the client writes it in lower case.
    [Fact]
    public async Task A_Commands_ForOneContainer_AreRight_QuotesIncluded()
    {
        await Lab.OkAsync("""
            cat > /opt/cni/bin/asks <<'E'
            #!/bin/sh
            case $CNI_COMMAND in VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}'; exit 0;; esac
            [ $CNI_COMMAND = DEL ] || python3 -c 'import json,os,sys; c=json.load(sys.stdin); print(json.dumps(c["prevResult"]))
            print(os.environ["CNI_ARGS"], json.dumps(c["runtimeConfig"]), file=open("/run/asked","a"))'
            E
            chmod +x /opt/cni/bin/asks
            """);
        await ListAsync("pods", Bridge + """,{"type":"asks","capabilities":{"bandwidth":true}}""");
        await Lab.DockerAsync("network create -d cni -o cni.network=pods --ipam-driver null pods");
        await Lab.DockerAsync("run -d --name app lab sleep 600");
        await DoAsync("networks: one container");
        var asked = (await Lab.OkAsync("cat /run/asked; rm /run/asked")).Split('\n');
        Assert.Contains("K=V;K2=V2", asked[0], StringComparison.Ordinal);
        Assert.EndsWith("""{"bandwidth": {"ingressRate": 8000000, "ingressBurst": 800000}}""", asked[0], StringComparison.Ordinal);
        Assert.EndsWith("""{"bandwidth": {"ingressRate": 8000000, "ingressBurst": 800000}}""", asked[1],
            StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_Commands_OfTheNoneNetwork_AreRight()
    {
        await DoAsync("readme: labels");
        await DoAsync("none: one");
        await DoAsync("none: pod");
        await DoAsync("guarantee: one");
        await DoAsync("guarantee: installed", ("systemctl reload docker", "pkill -HUP -x dockerd"));
        await Lab.EventuallyAsync("all are attached", async () => (await Lab.RunAsync($"{Lab.Cnid} attachments")).Output.Split('\n')
            .Count(line => line.StartsWith("podnet ", StringComparison.Ordinal)) == 3);
    }

    [Fact]
    [Trait("Engine", "none")]
    public async Task A_Commands_OfTheRuntime_AreRight()
    {
        await DoAsync("runtime: by hand");
        await DoAsync("plugins: links", ("/usr/local/bin/cnid", Lab.Cnid), ("/opt/cnid/bin", "/run/bin/plugins"));
        await Lab.OkAsync("ip netns delete test");
    }

    private Task<string> DoAsync(string block, params (string Word, string Instead)[] instead) =>
        Lab.OkAsync($"cd {Machine.Repository}/{Lists}; PATH=/run/bin:$PATH\n" + CommandPages.Commands(block, instead));
}
