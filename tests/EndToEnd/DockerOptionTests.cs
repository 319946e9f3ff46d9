using System.Text.Json.Nodes;
using EndToEnd.Host;

namespace EndToEnd;

/// <summary>Docker's own words besides the gateway modes: what its users say, and cnid heeds.</summary>
public sealed class DockerOptionTests(Lab lab) : LabTest(lab)
{
    [Fact]
    public async Task B_HostBinding_InterfacePrefix_AndPortsThatCnidChooses()
    {
        await Lab.DockerAsync("network create -d cni -o com.docker.network.bridge.host_binding_ipv4=127.0.0.1 -o "
            + "com.docker.network.container_iface_prefix=lan web");
        await Lab.DockerAsync("run -d --name server --network web -p 8067:80 -p 0.0.0.0:8068:80 -p 80 lab httpd -f -h /www");
        await Lab.DockerAsync("run -d --name named --network name=web,driver-opt=com.docker.network.endpoint.ifname=front0 lab sleep 600");

        Assert.Equal("hello", await Lab.OkAsync("curl -s -m3 http://127.0.0.1:8067/"));
        Assert.NotEqual(0, (await Lab.InternetAsync("curl -s -m1 http://203.0.113.1:8067/")).Status);
        Assert.Equal("hello", (await Lab.InternetAsync("curl -s -m3 http://203.0.113.1:8068/")).Output.Trim());

        var chosen = JsonNode.Parse(await Lab.OkAsync($"{Lab.Cnid} inspect server --json"))![0]!["ports"]!.AsArray()
            .Single(port => (int)port!["hostPort"]! is not (8067 or 8068))!;
        Assert.Equal(80, (int)chosen["containerPort"]!);
        Assert.Equal("127.0.0.1", (string)chosen["hostIp"]!);
        Assert.Equal("hello", await Lab.OkAsync($"curl -s -m3 http://127.0.0.1:{chosen["hostPort"]}/"));
        Assert.Contains($"127.0.0.1:{chosen["hostPort"]}->80/tcp", await Lab.OkAsync($"COLUMNS=300 {Lab.Cnid} attachments"),
            StringComparison.Ordinal);

        Assert.Contains("lan0", await Lab.DockerAsync("exec server ip link"), StringComparison.Ordinal);
        var links = await Lab.DockerAsync("exec named ip link");
        if (Lab.Engine.HeedsInterfaceNames)
        {
            Assert.Contains("front0", links, StringComparison.Ordinal);
            return;
        }
        Assert.Contains("lan0", links, StringComparison.Ordinal);
        Assert.Contains("com.docker.network.endpoint.ifname from Docker 29.8 on", await Lab.OkAsync($"COLUMNS=300 {Lab.Cnid} attachments"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--runtime cni")]
    public async Task B_PublishedPorts_OfALabelContainer_ArePublished_OrItIsSaidWhyNot(string runtime)
    {
        await Lab.OkAsync("""
            for name in pods bare; do
                [ $name = pods ] && portmap=',{"type":"portmap","capabilities":{"portMappings":true}}' || portmap=
                echo '{"cniVersion":"1.0.0","name":"'$name'","plugins":[{"type":"bridge","bridge":"'$name'-br","isGateway":true,
                 "ipMasq":true,"ipam":{"type":"host-local","subnet":"10.74.0.0/24",
                "routes":[{"dst":"0.0.0.0/0"}]}}'$portmap']}' > /etc/cni/net.d/$name.conflist
            done
            """);
        await Lab.DockerAsync($"run -d --name server {runtime} --network none --label cni.networks=pods --label cni.ports=8070:80 -p "
            + "8069:80 -p 127.0.0.1::80 lab httpd -f -h /www");
        foreach (var port in new[] { 8069, 8070 })
            await Lab.EventuallyAsync($"port {port} answers", async () =>
                (await Lab.InternetAsync($"curl -s -m3 http://203.0.113.1:{port}/")).Output.Trim() == "hello");
        Assert.Matches(@"127\.0\.0\.1:\d+->80/tcp", await Lab.OkAsync($"COLUMNS=300 {Lab.Cnid} attachments"));
        await Lab.DockerAsync("rm -f server");

        await Lab.DockerAsync($"run -d --name server {runtime} --network none --label cni.networks=bare -p 8069:80 lab httpd -f -h /www");
        await Lab.EventuallyAsync("it is said that they are not", async () =>
            (await Lab.RunAsync($"COLUMNS=300 {Lab.Cnid} attachments")).Output.Contains(
                "-p 8069:80/tcp publishes nothing: no plugin of bare publishes ports", StringComparison.Ordinal));
        await Lab.DockerAsync("rm -f server");
        await Lab.EventuallyAsync("the bridges are free", async () =>
            (await Lab.RunAsync("! { ip -o link show master pods-br; ip -o link show master bare-br; } | grep veth "
                + "&& ip link delete pods-br && ip link delete bare-br")).Status == 0);
    }

    [Fact]
    public async Task B_PublishAll_PublishesWhatIsExposed_OnPortsThatCnidChooses()
    {
        await Lab.OkAsync("""
            echo '{"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge","bridge":"pods-br","isGateway":true,"ipMasq":true,
             "ipam":{"type":"host-local","subnet":"10.74.0.0/24","routes":[{"dst":"0.0.0.0/0"}]}},{"type":"portmap",
            "capabilities":{"portMappings":true}}]}' > /etc/cni/net.d/pods.conflist
            """);
        await Lab.DockerAsync("network create -d cni web");
        await Lab.DockerAsync("run -d --name server --network web -P --expose 80 --expose 81/udp -p 8067:82 lab httpd -f -h /www");
        await Lab.DockerAsync(
            "run -d --name pod --network none --label cni.networks=pods -P --expose 80 --expose 81/udp -p 8068:82 lab httpd -f -h /www");
        await Lab.EventuallyAsync("the ports of both are known", async () =>
            (await PortsOfAsync("server")).Count == 3 && (await PortsOfAsync("pod")).Count == 3);

        foreach (var (name, given) in new[] { ("server", 8067), ("pod", 8068) })
        {
            var ports = await PortsOfAsync(name);
            Assert.Equal(["80/tcp", "81/udp", $"82/tcp {given}"], ports.Select(port => $"{port.Inside}"
                + (port.Outside == given ? $" {given}" : "")).Order(StringComparer.Ordinal));
            var web = ports.Single(port => port.Inside == "80/tcp").Outside;
            Assert.Equal("hello", (await Lab.InternetAsync($"curl -s -m3 http://203.0.113.1:{web}/")).Output.Trim());
        }
        await Lab.DockerAsync("rm -f pod");
        await Lab.EventuallyAsync("the bridge is free", async () =>
            (await Lab.RunAsync("! ip -o link show master pods-br | grep veth && ip link delete pods-br")).Status == 0);
    }

    // What Docker's own drivers take, and would mean nothing here: who has it in a script is told what to write instead.
    [Fact]
    public async Task B_OptionsThatMeanNothingHere_AreRefused_WithTheAlternative()
    {
        const string Bridge = "com.docker.network.bridge.";
        (string Options, string Alternative)[] refused =
        [
            ("-o parent=wan", "-o cni.type=macvlan -o cni.master=wan"),
            ("-o macvlan_mode=private", "-o cni.type=macvlan -o cni.mode=private"),
            ("-o ipvlan_mode=l3", "-o cni.type=ipvlan -o cni.mode=l3"),
            ("-o ipvlan_flag=vepa", "remove it"),
            ($"-o {Bridge}default_bridge=true", "remove it"),
            ("-o encrypted=true", "-d overlay"),
            ("-o com.docker.network.driver.overlay.vxlanid_list=7", "-d overlay"),
            ("-o com.docker.network.windowsshim.hnsid=7", "for Windows"),
            ("-o com.docker.network.windowsshim.dnsservers=192.0.2.1", "for Windows"),
            ("-o mtu=1400", "'com.docker.network.driver.mtu'?"),
            ($"-o {Bridge}gateway_mode_ipv4=isolated", "requires --internal"),
            ("-o cni.type=bridge -o com.docker.network.driver.mtu=1400", "-o cni.mtu=VALUE"),
            ($"-o cni.type=bridge -o {Bridge}name=br-web", "-o cni.bridge=VALUE"),
            ($"-o cni.type=bridge -o {Bridge}enable_icc=false", "-o cni.portIsolation=VALUE"),
            ($"-o cni.type=bridge -o {Bridge}enable_ip_masquerade=false", "-o cni.ipMasq=VALUE"),
            ($"-o cni.type=bridge -o {Bridge}inhibit_ipv4=true", "-o cni.isGateway=false"),
            ($"-o cni.type=bridge -o {Bridge}gateway_mode_ipv4=routed", "-o cni.ipMasq=true for nat, false for routed"),
            ($"-o cni.type=bridge -o {Bridge}gateway_mode_ipv6=routed", "-o cni.ipMasq=true for nat, false for routed"),
            ($"-o cni.type=bridge -o {Bridge}trusted_host_interfaces=wan", "DOCKER-USER -i INTERFACE -o BRIDGE"),
            ("-o cni.type=bridge -o com.docker.network.host_ipv4=203.0.113.1", "a snat rule of your own"),
            ("-o cni.type=bridge -o com.docker.network.host_ipv6=2001:db8:ffff::1", "a snat rule of your own"),
            ("--internal -o cni.type=bridge", "remove --internal"),
        ];
        foreach (var (options, alternative) in refused)
            Assert.Contains(alternative, await Lab.FailsAsync($"docker network create -d cni {options} no"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--ipam-driver null -o cni.network=pods6")]
    public async Task B_NetworkWithoutIPv4_HasIPv6Alone(string list)
    {
        Assert.SkipUnless(Lab.Engine.HasNetworksWithoutIPv4, "this engine gives every network IPv4");
        await Lab.OkAsync("""
            echo '{"cniVersion":"1.0.0","name":"pods6","plugins":[{"type":"bridge","bridge":"pods6","isGateway":true,"ipMasq":true,
             "ipam":{"type":"host-local","subnet":"fd68::/64","routes":[{"dst":"::/0"}]}}]}' > /etc/cni/net.d/pods6.conflist
            """);
        await Lab.DockerAsync($"network create -d cni --ipv4=false --ipv6 {(list.Length > 0 ? list : "--subnet fd68::/64")} six");
        await Lab.DockerAsync("run -d --name six --network six lab sleep 600");

        Assert.DoesNotContain("inet ", await Lab.DockerAsync("exec six ip address show eth0"), StringComparison.Ordinal);
        Assert.StartsWith("fd68::", await Lab.DockerAsync("inspect -f '{{.NetworkSettings.Networks.six.GlobalIPv6Address}}' six"),
            StringComparison.Ordinal);
        await Lab.DockerAsync("exec six ping6 -c1 -W3 2001:db8:ffff::2");
        await Lab.DockerAsync("rm -f six");
        await Lab.OkAsync("docker network rm six; ip link delete pods6 2> /dev/null || true");
    }

    [Fact]
    public async Task B_DefaultNetworkOpts_AreHeeded_AndAreNamedWhereAListCannotHaveThem()
    {
        Assert.SkipUnless(Lab.Engine.HasDefaultNetworkOpts, "this engine has no default-network-opts");
        await Lab.RestartEngineAsync("TERM", "--default-network-opt=cni=com.docker.network.driver.mtu=1400 "
            + "--default-network-opt=cni=com.docker.network.advertise_addr_nmsgs=1");
        try
        {
            await Lab.DockerAsync("network create -d cni web");
            Assert.Contains("mtu 1400", await Lab.DockerAsync("run --rm --network web lab ip link show eth0"), StringComparison.Ordinal);
            Assert.Contains("default-network-opts",
                await Lab.FailsAsync("docker network create -d cni --ipam-driver null -o cni.type=loopback no"), StringComparison.Ordinal);
        }
        finally
        {
            await Lab.RestartEngineAsync("TERM");
        }
    }

    // None where cnid does not know the container yet.
    private async Task<List<(string Inside, int Outside)>> PortsOfAsync(string name)
    {
        var inspected = await Lab.RunAsync($"{Lab.Cnid} inspect {name} --json");
        return inspected.Status == 0 && JsonNode.Parse(inspected.Output)![0]!["ports"] is JsonArray ports
            ? [.. ports.Select(port => ($"{port!["containerPort"]}/{port["protocol"]}", (int)port["hostPort"]!))]
            : [];
    }
}
