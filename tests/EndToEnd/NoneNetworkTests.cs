using EndToEnd.Host;

namespace EndToEnd;

public sealed class NoneNetworkTests(Lab lab) : NoneNetworkTest(lab)
{
    [Theory]
    [InlineData("")]
    [InlineData("CNID_BUILTIN=always")]
    public async Task OneLabel_AttachesAndReaches_AndStopFreesTheAddress(string environment)
    {
        await Lab.RestartCnidAsync(environment);
        await ListAsync("pods", Bridge + """,{"type":"firewall"}""");
        await RunAsync("one", "--label cni.networks=pods");
        await RunAsync("two", "--label cni.networks=pods");

        var (one, two) = (await AddressAsync("one"), await AddressAsync("two"));
        Assert.StartsWith("10.77.0.", one, StringComparison.Ordinal);
        Assert.Contains("default via 10.77.0.1 dev eth0", await InAsync("one", "ip route"), StringComparison.Ordinal);
        await InAsync("one", $"ping -c1 -W3 {two}");
        await InAsync("one", "ping -c1 -W3 203.0.113.2");
        var listed = await Lab.OkAsync($"{Lab.Cnid} attachments");
        Assert.Matches($"pods +[0-9a-f]{{12}} +one +eth0 +{one}/24", listed);
        Assert.Matches($"pods +[0-9a-f]{{12}} +two +eth0 +{two}/24", listed);
        Assert.Contains(one + "\t", await InAsync("one", "cat /etc/hosts"), StringComparison.Ordinal);

        await Lab.DockerAsync("stop -t0 one two");
        await GoneAsync("one");
        await GoneAsync("two");
        Assert.Equal(
            "", (await Lab.RunAsync("ls /var/lib/cni/networks/pods | grep ^10; ls /run/cnid/containers; ip -o link | grep veth")).Output);
        await RemoveBridgeAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("CNID_BUILTIN=always")]
    public async Task MacvlanAndBridge_HaveTheNamesAskedFor_AndTheDefaultRouteOfTheFirst(string environment)
    {
        await Lab.RestartCnidAsync(environment);
        await ListAsync("pods", DualStack);
        await ListAsync(
            "lan",
                """{"type":"macvlan","master":"uplink0","ipam":{"type":"host-local","ranges":[[{"subnet":"10.88.0.0/24"}],["""
                    + """{"subnet":"fd88::/64"}]],"routes":[{"dst":"0.0.0.0/0"},{"dst":"::/0"}]}}""");
        await Lab.OkAsync("ip link add uplink0 type veth peer name uplink1 && ip link set uplink0 up && ip link set uplink1 up");
        await RunAsync("one", "--label cni.networks=pods,lan@lan0");
        await RunAsync("two", "--label cni.networks=lan@lan0,pods@storage");

        Assert.StartsWith("10.77.0.", await AddressAsync("one"), StringComparison.Ordinal);
        Assert.StartsWith("10.88.0.", await AddressAsync("one", "lan0"), StringComparison.Ordinal);
        foreach (var (name, first, last) in new[] { ("one", "77::1 dev eth0", "88::1 dev lan0"),
            ("two", "88::1 dev lan0", "77::1 dev storage") })
        {
            Assert.Equal([$"fd{first} metric 1024", $"fd{last} metric 1025"], await DefaultRoutesAsync(name, "-6"));
            Assert.Equal([$"10.{first.Replace("::", ".0.", StringComparison.Ordinal)}",
                $"10.{last.Replace("::", ".0.", StringComparison.Ordinal)} metric 1"], await DefaultRoutesAsync(name, "-4"));
        }
        await InAsync("one", $"ping -c1 -W3 -I lan0 {await AddressAsync("two", "lan0")}");
        await InAsync("two", "ping -c1 -W3 -I storage 10.77.0.1");
        await Lab.OkAsync("nsenter -t $(docker inspect -f '{{.State.Pid}}' two) -n ip link set lan0 down"); // the other one takes over
        Assert.StartsWith("10.77.0.1 dev storage", Assert.Single(await DefaultRoutesAsync("two", "-4")), StringComparison.Ordinal);

        await Lab.DockerAsync("rm -f one two");
        await GoneAsync("one");
        await GoneAsync("two");
        await Lab.OkAsync("ip link delete uplink0");
        await RemoveBridgeAsync();
        await Lab.RestartCnidAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("CNID_BUILTIN=always")]
    public async Task PublishedPort_IsReached_AndATakenOneIsNamed(string environment)
    {
        await Lab.RestartCnidAsync(environment);
        await ListAsync("pods", Bridge + """,{"type":"portmap","capabilities":{"portMappings":true}},{"type":"firewall"}""");
        await RunAsync("web", "--label cni.networks=pods --label cni.ports=8080:80/tcp", "httpd -f -h /www");
        Assert.Equal("hello", (await Lab.RunAsync("curl -s -m9 http://203.0.113.1:8080/")).Text);

        await Lab.DockerAsync("run -d --name late --network none --label cni.networks=pods --label cni.ports=8080:81 lab sleep 600");
        await Lab.EventuallyAsync("the second is stopped", async () => await PhaseAsync("late") == "failed");
        Assert.Contains("label cni.ports: Bind for 0.0.0.0:8080 failed: port is already allocated",
            await Lab.OkAsync($"{Lab.Cnid} attachments"), StringComparison.Ordinal);

        await Lab.StopCnidAsync("KILL"); // the port stays published, and taken after the restart
        await Lab.StartCnidAsync(environment);
        await Lab.DockerAsync("rm -f late");
        await Lab.DockerAsync("run -d --name late --network none --label cni.networks=pods --label cni.ports=8080:81 lab sleep 600");
        await Lab.EventuallyAsync("the second is stopped again", async () => await PhaseAsync("late") == "failed");
        Assert.Equal("hello", (await Lab.RunAsync("curl -s -m9 http://203.0.113.1:8080/")).Text);
        await Lab.DockerAsync("rm -f web late");
        await Lab.EventuallyAsync("the port is free", async () => (await Lab.RunAsync("ss -Hltn sport = :8080 | grep -q .")).Status != 0);
        await RemoveBridgeAsync();
        await Lab.RestartCnidAsync();
    }

    [Fact]
    public async Task BandwidthCapability_LimitsTheInterface()
    {
        await ListAsync("pods", Bridge + """,{"type":"bandwidth","capabilities":{"bandwidth":true}}""");
        await RunAsync(
            "slow", """--label cni.networks=pods --label 'cni.pods.capability.bandwidth={"ingressRate":8000000,"ingressBurst":80000}'""");
        Assert.Contains("rate 8Mbit", await Lab.OkAsync("tc qdisc show | grep tbf"), StringComparison.Ordinal);
        await Lab.DockerAsync("rm -f slow");
        await GoneAsync("slow");
        await RemoveBridgeAsync();
    }

    [Fact]
    public async Task AddressMacAndDns_AreAsAsked_AndFilesAreWrittenInPlace()
    {
        await ListAsync("pods", Bridge.Replace(
            "\"ipam\"", "\"dns\":{\"nameservers\":[\"10.77.0.53\"],\"search\":[\"pods.example\"]},\"ipam\"", StringComparison.Ordinal));
        await RunAsync(
            "one", "--hostname box --label cni.networks=pods --label cni.pods.ips=10.77.0.42/24 --label cni.pods.mac=02:00:00:00:00:42");
        await Lab.DockerAsync("run -d --name side --network container:one lab sleep 600");

        Assert.Equal("10.77.0.42", await AddressAsync("side"));
        Assert.Contains("02:00:00:00:00:42", await InAsync("one", "ip link show eth0"), StringComparison.OrdinalIgnoreCase);
        foreach (var name in new[] { "one", "side" })
        {
            var resolv = await InAsync(name, "cat /etc/resolv.conf");
            Assert.Equal("nameserver 10.77.0.53",
                Assert.Single(resolv.Split('\n'), line => line.StartsWith("nameserver", StringComparison.Ordinal)));
            Assert.Contains("search pods.example", resolv, StringComparison.Ordinal);
            Assert.Contains("10.77.0.42\tbox", await InAsync(name, "cat /etc/hosts"), StringComparison.Ordinal);
        }
        await Lab.DockerAsync("rm -f side");
        await InAsync("one", "ping -c1 -W3 10.77.0.1");

        await Lab.DockerAsync("run -d --name own --dns 192.0.2.1 --network none --label cni.networks=pods lab sleep 600");
        await AttachedAsync("own");
        Assert.Contains("nameserver 192.0.2.1", await InAsync("own", "cat /etc/resolv.conf"), StringComparison.Ordinal);
        await Lab.DockerAsync("rm -f one own");
        await GoneAsync("one");
        await GoneAsync("own");
        await RemoveBridgeAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("CNID_BUILTIN=always")]
    public async Task DualStack_HasBothFamilies(string environment)
    {
        await Lab.RestartCnidAsync(environment);
        await ListAsync("pods", DualStack);
        await RunAsync("one", "--label cni.networks=pods");
        Assert.Contains("inet6 fd77::", await InAsync("one", "ip -6 address show eth0"), StringComparison.Ordinal);
        await Lab.EventuallyAsync("the gateway answers", async () =>
            (await Lab.RunAsync("docker exec one ping6 -c1 -W2 fd77::1")).Status == 0);
        await Lab.DockerAsync("rm -f one");
        await GoneAsync("one");
        await RemoveBridgeAsync();
        await Lab.RestartCnidAsync();
    }

    [Fact]
    public async Task DefaultNetworks_AreForThoseWithoutTheLabel_AndTheEmptyLabelDeclines()
    {
        await ListAsync("pods", Bridge);
        await Lab.RestartCnidAsync("CNID_DEFAULT_NETWORKS=pods@net0");
        await RunAsync("one", "");
        await Lab.DockerAsync("run -d --name alone --network none --label cni.networks= lab sleep 600");
        await RunAsync("two", "--label cni.networks=pods");

        Assert.StartsWith("10.77.0.", await AddressAsync("one", "net0"), StringComparison.Ordinal);
        Assert.DoesNotContain("net0", await InAsync("two", "ip link"), StringComparison.Ordinal);
        Assert.DoesNotContain("net0", await InAsync("alone", "ip link"), StringComparison.Ordinal);
        await Lab.DockerAsync("rm -f one two alone");
        await Lab.EventuallyAsync("nothing is attached", async () => (await Lab.OkAsync($"{Lab.Cnid} attachments --json")) == "[]");
        await RemoveBridgeAsync();
        await Lab.RestartCnidAsync();
    }

    // As the host's ip shows them: busybox knows no metrics of IPv6.
    private async Task<string[]> DefaultRoutesAsync(string name, string family) =>
        [.. (await Lab.OkAsync($"nsenter -t $(docker inspect -f '{{{{.State.Pid}}}}' {name}) -n ip {family} route show default | sed -E "
            + "'s/^default via //; s/ (proto|pref) [a-z]+//g; s/ +$//'")).Split('\n')];
}
