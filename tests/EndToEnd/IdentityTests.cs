using EndToEnd.Host;

namespace EndToEnd;

/// <summary>
/// An endpoint's interface is known by what its container cannot change, whatever a program with NET_ADMIN does to name, MAC and place.
/// </summary>
public sealed class IdentityTests(Lab lab) : LabTest(lab)
{
    private const string Mac = "02:00:00:00:00:aa";

    // As an engine that starts does: what it is told dead, is unmade before the answer.
    private Task<string> LookAsync() => Lab.OkAsync($"curl -s --unix-socket {Host.Lab.Socket} -X POST http://d/Plugin.Activate");

    private async Task<string> InsideAsync(string container, string command) =>
        await Lab.OkAsync($"nsenter -t {await Lab.DockerAsync($"inspect -f {{{{.State.Pid}}}} {container}")} -n sh -ec '{command}'");

    private Task<string> PingAsync(string address) => Lab.DockerAsync($"exec server ping -c1 -W3 {address}");

    private async Task ListAsync(string name, string main)
    {
        await Lab.OkAsync(
            $$$"""echo '{"cniVersion":"1.0.0","name":"{{{name}}}","plugins":[{{{main}}}]}' > /etc/cni/net.d/{{{name}}}.conflist""");
        await Lab.DockerAsync($"network create -d cni -o cni.network={name} --ipam-driver null {name}");
    }

    private static string Bridge(string name, int subnet) =>
        $$$"""{"type":"bridge","bridge":"{{{name}}}","isGateway":true,"ipam":{"type":"host-local","subnet":"10.77.{{{subnet}}}.0/24"}}""";

    [Fact]
    public async Task A4_MacChangedInside_EndpointLives()
    {
        await Lab.DockerAsync("network create -d cni web");
        await ListAsync("pods", Bridge("pods-br", 0));
        await Lab.DockerAsync("run -d --name server --network web lab sleep 600");
        await Lab.DockerAsync("network connect pods server");
        await InsideAsync("server", $"ip link set eth0 address {Mac}; ip link set eth1 address 02:00:00:00:00:ab");
        await LookAsync();
        await LookAsync();

        await PingAsync("203.0.113.2");
        await PingAsync("10.77.0.1");
        Assert.DoesNotContain("has no container;", Lab.CnidLog[logStart..], StringComparison.Ordinal);
        await Lab.DockerAsync("network disconnect pods server");
        Assert.DoesNotContain("eth1", await InsideAsync("server", "ip link"), StringComparison.Ordinal);
        await ClearAsync("server", "pods-br");
    }

    [Fact]
    public async Task A4_InterfaceDeletedInside_IsReportedOnce_AndIsNoDeath()
    {
        await ListAsync("pods", Bridge("pods-br", 0));
        await Lab.DockerAsync("run -d --name server --network pods lab sleep 600");
        await InsideAsync("server", "ip link delete eth0");
        await LookAsync();
        await LookAsync();

        Assert.Contains("its interface is no longer in its container", await Lab.OkAsync($"{Host.Lab.Cnid} attachments"),
            StringComparison.Ordinal);
        Assert.Single(Lab.CnidLog[logStart..].Split('\n'), line =>
            line.Contains("its interface is no longer in its container", StringComparison.Ordinal));
        await Lab.DockerAsync("restart -t0 server");
        await PingAsync("10.77.0.1");
        Assert.DoesNotContain("its interface is no longer", await Lab.OkAsync($"{Host.Lab.Cnid} attachments"), StringComparison.Ordinal);
        await ClearAsync("server", "pods-br");
    }

    [Theory]
    [InlineData("type bridge")]
    [InlineData("type veth peer name decoy")]
    public async Task A4_AnotherInterfaceInItsPlace_TheContainerKeepsNothingAfterDisconnect(string decoy)
    {
        await Lab.DockerAsync("network create -d cni web");
        await ListAsync("pods", Bridge("pods-br", 0));
        await Lab.DockerAsync("run -d --name server --network web lab sleep 600");
        await Lab.DockerAsync("network connect pods server");
        await InsideAsync("server", $"""
            mac=$(ip -o link show eth1 | sed "s/.*ether \([0-9a-f:]*\).*/\1/")
            ip link set eth1 down; ip link set eth1 name hidden; ip link set hidden address {Mac}
            ip link add eth1 address $mac {decoy}
            ip link set hidden up
            """);
        await PingAsync("10.77.0.1");
        await Lab.DockerAsync("network disconnect pods server");

        var left = await InsideAsync("server", "ip -o link");
        Assert.DoesNotContain("hidden", left, StringComparison.Ordinal);
        Assert.Equal("", (await Lab.RunAsync("ls /var/lib/cni/networks/pods | grep ^10; ip -o link show master pods-br")).Output);
        await ClearAsync("server", "pods-br");
    }

    [Fact]
    public async Task A4_InterfaceHiddenInANestedNamespace_IsCutOffAtDisconnect()
    {
        await Lab.DockerAsync("network create -d cni web");
        await ListAsync("pods", Bridge("pods-br", 0));
        await Lab.DockerAsync("run -d --name server --network web lab sleep 600");
        await Lab.DockerAsync("network connect pods server");
        await Lab.OkAsync("ip netns add nested");
        await InsideAsync("server", "ip link set eth1 netns /run/netns/nested");
        await Lab.DockerAsync("network disconnect pods server");

        Assert.DoesNotContain("eth1", await Lab.OkAsync("ip -n nested link"), StringComparison.Ordinal);
        Assert.Equal("", (await Lab.RunAsync("ls /var/lib/cni/networks/pods | grep ^10; ip -o link show master pods-br")).Output);
        await Lab.OkAsync("ip netns delete nested");
        await ClearAsync("server", "pods-br");
    }

    [Fact]
    public async Task A4_TwoEndpointsOfOneMac_DisconnectTakesItsOwn()
    {
        await Lab.DockerAsync("network create -d cni web");
        await ListAsync("one", Bridge("one-br", 1));
        await ListAsync("two", Bridge("two-br", 2));
        await Lab.DockerAsync("run -d --name server --network web lab sleep 600");
        await Lab.DockerAsync($"network connect --driver-opt cni.args=MAC={Mac} one server");
        await Lab.DockerAsync($"network connect --driver-opt cni.args=MAC={Mac} two server");
        Assert.Equal("2", await InsideAsync("server", $"ip -o link | grep -c {Mac}"));
        await Lab.DockerAsync("network disconnect two server");
        await PingAsync("10.77.1.1");
        await Lab.DockerAsync($"network connect --driver-opt cni.args=MAC={Mac} two server");
        await Lab.DockerAsync("network disconnect one server");
        await PingAsync("10.77.2.1");
        await ClearAsync("server", "one-br", "two-br");
    }

    [Fact]
    public async Task A4_TwoMacvlansOfOneParent_WithTheirMacsExchanged_DisconnectTakesItsOwn()
    {
        await Lab.OkAsync("ip link add parent0 type veth peer name parent1; ip link set parent0 up; ip link set parent1 up");
        await Lab.DockerAsync("network create -d cni web");
        foreach (var (name, subnet) in new[] { ("one", 1), ("two", 2) })
            await ListAsync(
                name, $$$"""{"type":"macvlan","master":"parent0","ipam":{"type":"host-local","subnet":"10.77.{{{subnet}}}.0/24"}}""");
        await Lab.DockerAsync("run -d --name server --network web lab sleep 600");
        await Lab.DockerAsync("network connect one server");
        await Lab.DockerAsync("network connect two server");
        await InsideAsync("server", """
            mac() { ip -o link show $1 | sed "s/.*ether \([0-9a-f:]*\).*/\1/"; }
            one=$(mac eth1); two=$(mac eth2); ip link set eth1 down; ip link set eth2 down
            ip link set eth1 address 02:00:00:00:00:01; ip link set eth2 address $one; ip link set eth1 address $two
            ip link set eth1 up; ip link set eth2 up
            """);
        var two = await InsideAsync("server", "ip -o link show eth2 | cut -d: -f1");
        await LookAsync();
        await Lab.DockerAsync("network disconnect one server");

        Assert.Equal(two, await InsideAsync("server", "ip -o link show type macvlan | cut -d: -f1"));
        await Lab.DockerAsync("network disconnect two server");
        Assert.Equal("", await InsideAsync("server", "ip -o link show type macvlan"));
        await ClearAsync("server");
        await Lab.OkAsync("ip link delete parent0");
    }

    [Fact]
    public async Task A4_StateOfAnOlderCnid_LearnsTheIdentity()
    {
        await ListAsync("pods", Bridge("pods-br", 0));
        await Lab.DockerAsync("run -d --name server --network pods lab sleep 600");
        await Lab.StopCnidAsync("KILL");
        await Lab.OkAsync(
            """sed -i -z 's/ *"link": {[^}]*},\n//' /var/lib/cnid/endpoints/*.json; ! grep -q '"link"' /var/lib/cnid/endpoints/*.json""");
        await Lab.StartCnidAsync();
        await InsideAsync("server", $"ip link set eth0 address {Mac}");
        await LookAsync();

        await PingAsync("10.77.0.1");
        await ClearAsync("server", "pods-br");
    }

    private int logStart;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        logStart = Lab.CnidLog.Length;
    }

    private async Task ClearAsync(string container, params string[] bridges)
    {
        await Lab.DockerAsync($"rm -f {container}");
        await Lab.OkAsync("docker network prune -f");
        foreach (var bridge in bridges)
            await Lab.RunAsync($"ip link delete {bridge}");
    }
}
