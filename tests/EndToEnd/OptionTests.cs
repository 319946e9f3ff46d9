using EndToEnd.Host;

namespace EndToEnd;

public sealed class OptionTests(Lab lab) : LabTest(lab)
{
    [Fact]
    public async Task FixedAddressMacAndMtu_AreTheContainers_AndInspectShowsThem()
    {
        await Lab.DockerAsync(
            "network create -d cni --subnet 10.66.0.0/24 --gateway 10.66.0.254 -o com.docker.network.driver.mtu=1400 web");
        await Lab.DockerAsync("run -d --name fixed --network web --ip 10.66.0.77 --mac-address 02:00:00:00:00:77 lab sleep 600");

        var inside = await Lab.DockerAsync("exec fixed sh -c 'ip address; ip route'");
        Assert.Contains("10.66.0.77/24", inside, StringComparison.Ordinal);
        Assert.Contains("02:00:00:00:00:77", inside, StringComparison.Ordinal);
        Assert.Contains("mtu 1400", inside, StringComparison.Ordinal);
        Assert.Contains("default via 10.66.0.254", inside, StringComparison.Ordinal);
        Assert.Equal("10.66.0.77 02:00:00:00:00:77 10.66.0.254",
            await Lab.DockerAsync(
            "inspect -f '{{with .NetworkSettings.Networks.web}}{{.IPAddress}} {{.MacAddress}} {{.Gateway}}{{end}}' fixed"));
        Assert.NotEqual("0B / 0B", await Lab.DockerAsync("stats --no-stream --format '{{.NetIO}}' fixed"));
    }

    // The client has no option for it; Compose asks the API for a service's second network.
    [Theory]
    [InlineData("")]
    [InlineData("--ipam-driver null -o cni.type=bridge -o cni.bridge=pods0 -o cni.ipam.type=host-local -o cni.ipam.subnet=10.77.0.0/24")]
    public async Task D_MacOnConnect_IsTheContainers(string options)
    {
        Assert.SkipUnless(Lab.Engine.TakesMacOnConnect, "this engine ignores a MAC where a container is connected");
        await Lab.DockerAsync($"network create -d cni {options} web");
        await Lab.DockerAsync("run -d --name one --network none lab sleep 600");
        await Lab.DockerAsync("network disconnect none one");
        await Lab.OkAsync("""
            curl -sf --unix-socket /run/docker.sock -H 'Content-Type: application/json' \
                -d '{"Container":"one","EndpointConfig":{"MacAddress":"02:00:00:00:00:78"}}' http://d/v1.54/networks/web/connect
            """);
        Assert.Contains("02:00:00:00:00:78", await Lab.DockerAsync("exec one ip link show eth0"), StringComparison.Ordinal);
        Assert.Equal("02:00:00:00:00:78", await Lab.DockerAsync("inspect -f '{{.NetworkSettings.Networks.web.MacAddress}}' one"));
        await Lab.OkAsync("docker rm -f one; ip link delete pods0 2> /dev/null; rm -rf /var/lib/cni/networks/web");
    }

    [Fact]
    public async Task InternalNetwork_HasPeersAndNoWayOut()
    {
        await Lab.DockerAsync("network create -d cni --internal inside");
        await Lab.DockerAsync("run -d --name server --network inside lab sleep 600");

        await Lab.DockerAsync("run --rm --network inside lab ping -c1 -W3 server");
        await Lab.FailsAsync("docker run --rm --network inside lab ping -c1 -W1 203.0.113.2");
    }

    [Fact]
    public async Task IccFalse_KeepsContainersApart()
    {
        // The same addresses talk first, on a network that lets them: conntrack's memory of it is no way through the one that does not.
        await Lab.DockerAsync("network create -d cni --subnet 10.88.0.0/24 together");
        await Lab.DockerAsync("run -d --name server --network together lab sleep 600");
        await Lab.DockerAsync("run --rm --network together lab ping -c1 -W3 server");
        await Lab.DockerAsync("rm -f server");
        await Lab.DockerAsync("network rm together");

        await Lab.DockerAsync("network create -d cni --subnet 10.88.0.0/24 -o com.docker.network.bridge.enable_icc=false apart");
        await Lab.DockerAsync("run -d --name server --network apart lab sleep 600");

        await Lab.FailsAsync("docker run --rm --network apart lab ping -c1 -W1 server");
        await Lab.DockerAsync("run --rm --network apart lab ping -c1 -W3 203.0.113.2");
    }

    // Frames between a bridge's ports meet the firewall only where these are 1.
    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "")]
    [InlineData(0, "CNID_BUILTIN=off")]
    public async Task A6_IccFalse_KeepsContainersApart_WhateverBridgeNfCallIs(int bridgeNfCall, string environment)
    {
        var sysctls = await Lab.OkAsync("cd /proc/sys/net/bridge; echo $(cat bridge-nf-call-iptables) $(cat bridge-nf-call-ip6tables)");
        if (environment.Length > 0)
            await Lab.RestartCnidAsync(environment);
        await Lab.OkAsync(
            $"sysctl -qw net.bridge.bridge-nf-call-iptables={bridgeNfCall} net.bridge.bridge-nf-call-ip6tables={bridgeNfCall}");
        try
        {
            await Lab.DockerAsync("network create -d cni --ipv6 --subnet 10.88.0.0/24 --subnet fd88::/64 -o "
                + "com.docker.network.bridge.enable_icc=false apart");
            await Lab.DockerAsync("run -d --name server --network apart --ip 10.88.0.10 --ip6 fd88::10 -p 8080:80 lab httpd -f -h /www");
            await Lab.DockerAsync("run -d --name client --network apart lab sleep 600");
            await AssertApartAsync();

            // A port that a cnid before 0.2 has made, and that cnid finds at its start.
            await Lab.OkAsync("for port in $(bridge link show | awk -F'[:@] *' '/master cni-/ {print $2}'); do bridge link set dev $port "
                + "isolated off; done");
            await Lab.RestartCnidAsync(environment);
            await AssertApartAsync();
        }
        finally
        {
            await Lab.OkAsync($"set -- {sysctls}; sysctl -qw net.bridge.bridge-nf-call-iptables=$1 net.bridge.bridge-nf-call-ip6tables=$2");
            if (environment.Length > 0)
                await Lab.RestartCnidAsync();
        }
    }

    private async Task AssertApartAsync()
    {
        await Lab.FailsAsync("docker exec client ping -c1 -W1 10.88.0.10");
        await Lab.FailsAsync("docker exec client ping6 -c1 -W1 fd88::10");
        await Lab.DockerAsync("exec client ping -c1 -W3 203.0.113.2");
        await Lab.DockerAsync("exec client ping6 -c1 -W3 2001:db8:ffff::2");
        await Lab.OkAsync("busybox ping -c1 -W3 10.88.0.10 && curl -s -m3 http://127.0.0.1:8080/");
        Assert.Contains("hello", (await Lab.InternetAsync("curl -s -m3 http://203.0.113.1:8080/")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConnectAndDisconnect_WhileRunning()
    {
        await Lab.DockerAsync("network create -d cni one");
        await Lab.DockerAsync("network create -d cni two");
        await Lab.DockerAsync("run -d --name both --network one lab sleep 600");
        await Lab.DockerAsync("network connect two both");
        await Lab.DockerAsync("run --rm --network two lab ping -c1 -W3 both");
        Assert.Contains("eth1", await Lab.DockerAsync("exec both ip link"), StringComparison.Ordinal);

        await Lab.DockerAsync("network disconnect two both");
        Assert.DoesNotContain("eth1", await Lab.DockerAsync("exec both ip link"), StringComparison.Ordinal);
        await Lab.DockerAsync("network disconnect one both");
        await Lab.DockerAsync("network connect two both");
        await Lab.DockerAsync("exec both ping -c1 -W3 203.0.113.2");
        await Lab.DockerAsync("stats --no-stream both");
    }
}
