using EndToEnd.Host;

namespace EndToEnd;

/// <summary>Who reaches whom, and under which address, by Docker's options of a bridge network. With packets.</summary>
public sealed class GatewayModeTests(Lab lab) : LabTest(lab)
{
    private const string Option = "-o com.docker.network.bridge.";

    // Records whom the internet is pinged by.
    private const string Seen =
        "table inet seen { set seen4 { type ipv4_addr; size 64; flags dynamic; }; set seen6 { type ipv6_addr; size 64; flags dynamic; }; "
        + "chain in { type filter hook input priority 0; icmp type echo-request add @seen4 { ip saddr }; icmpv6 type echo-request add "
            + "@seen6 { ip6 saddr }; }; }";

    // Asks all at once: what is dropped is silent until the time is up.
    private const string Probe =
        """
        probe() { name=$1; shift; if "$@" > /dev/null 2>&1; then echo $name yes; else echo $name no; fi; }
        web() { curl -g -s -m3 http://$1/ | grep -q hello; }
        internet() { ip netns exec internet curl -g -s -m3 http://$1/ | grep -q hello; }
        ping_from_internet() { ip netns exec internet busybox ping$2 -c1 -W3 $1; }
        from_plain() { timeout 3 docker exec plain wget -qO- http://$1/; }
        {
            for net in 61 62 63 64; do
                probe $net-host internet 203.0.113.1:80$net &
                probe $net-80 internet 10.$net.0.10 &
                probe $net-81 internet 10.$net.0.10:81 &
                probe $net-ping ping_from_internet 10.$net.0.10 &
                probe $net-from-host web 10.$net.0.10:81 &
            done
            probe 61-v6-host internet [2001:db8:ffff::1]:8061 &
            probe 61-v6-80 internet [fd61::10] &
            probe 61-v6-81 internet [fd61::10]:81 &
            probe 61-v6-ping ping_from_internet fd61::10 6 &
            for net in 61 62 63; do probe $net-80-from-plain from_plain 10.$net.0.10 & done
            wait
        } | sort
        """;

    private static readonly string Expected = string.Join('\n', new[]
    {
        "61-80 yes", "61-80-from-plain yes", "61-81 no", "61-from-host yes", "61-host no", "61-ping yes",
        "61-v6-80 yes", "61-v6-81 no", "61-v6-host no", "61-v6-ping yes",
        "62-80 yes", "62-80-from-plain no", "62-81 yes", "62-from-host yes", "62-host yes", "62-ping yes",
        "63-80 yes", "63-80-from-plain no", "63-81 no", "63-from-host yes", "63-host yes", "63-ping no",
        "64-80 no", "64-81 no", "64-from-host yes", "64-host yes", "64-ping no",
    }.Order(StringComparer.Ordinal));

    protected override Task ClearAsync() => Lab.RunAsync(
        "for net in 61 62 63 64; do ip -n internet route del 10.$net.0.0/24; done; ip -n internet -6 route del fd61::/64; ip netns exec "
        + "internet nft delete table inet seen; "
        + "ip address del 203.0.113.9/24 dev wan; ip netns del router; ip link del br-lan");

    [Theory]
    [InlineData("")]
    [InlineData("CNID_BUILTIN=off")]
    public async Task B_GatewayModes_AndTrustedInterfaces_SayWhoReachesWhom(string environment)
    {
        if (environment.Length > 0)
            await Lab.RestartCnidAsync(environment);
        try
        {
            await PrepareAsync();
            Assert.Equal(Expected, Sorted(await Lab.OkAsync(Probe)));

            await Lab.OkAsync("for net in routed open trusted plain source; do docker exec $net ping -c1 -W3 203.0.113.2 & done; docker "
                + "exec routed ping6 -c1 -W3 2001:db8:ffff::2; wait");
            var seen = await Lab.OkAsync("ip netns exec internet nft list table inet seen");
            Assert.Contains("10.61.0.10", seen, StringComparison.Ordinal);
            Assert.Contains("fd61::10", seen, StringComparison.Ordinal);
            Assert.Contains("203.0.113.1", seen, StringComparison.Ordinal);
            Assert.Contains("203.0.113.9", seen, StringComparison.Ordinal);
            foreach (var hidden in new[] { "10.62.", "10.63.", "10.64.", "10.65." })
                Assert.DoesNotContain(hidden, seen, StringComparison.Ordinal);

            await Lab.OkAsync("nft delete table inet cnid");
            await Lab.EventuallyAsync("the rules are there again", async () => Sorted((await Lab.RunAsync(Probe)).Output) == Expected);
            Assert.Contains("open on its own address: 10.61.0.10:80/tcp, [fd61::10]:80/tcp",
                await Lab.OkAsync($"COLUMNS=300 {Lab.Cnid} attachments"), StringComparison.Ordinal);

            await Lab.DockerAsync("rm -f routed trusted");
            Assert.DoesNotMatch(@"10\.6[13]|fd61", await Lab.OkAsync("nft list set inet cnid ports4; nft list set inet cnid ports6"));
        }
        finally
        {
            if (environment.Length > 0)
                await Lab.RestartCnidAsync();
        }
    }

    [Fact]
    public async Task B_Isolated_LeavesTheHostWithoutAnAddress()
    {
        await Lab.DockerAsync(
            $"network create -d cni --internal --subnet 10.65.0.0/24 {Option}name=br-alone {Option}gateway_mode_ipv4=isolated alone");
        await Lab.DockerAsync("run -d --name server --network alone --ip 10.65.0.10 lab httpd -f -h /www");

        Assert.Equal("hello", await Lab.DockerAsync("run --rm --network alone lab wget -qO- http://server/"));
        Assert.Equal("", await Lab.OkAsync("ip -4 -br address show br-alone | grep 10.65 || true"));
        await Lab.FailsAsync("ip route get 10.65.0.10 | grep br-alone");
        Assert.Equal("", await Lab.DockerAsync("exec server ip route | grep default || true"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("CNID_BUILTIN=off")]
    public async Task B_InhibitIPv4_LeavesTheGatewayToAnotherRouter(string environment)
    {
        if (environment.Length > 0)
            await Lab.RestartCnidAsync(environment);
        try
        {
            await Lab.OkAsync($$"""
                ip link add br-lan type bridge && ip link set br-lan up && ip netns add router
                ip link add lan type veth peer name eth0 netns router && ip link set lan master br-lan up
                ip -n router address add 10.66.0.1/24 dev eth0 && ip -n router link set eth0 up && ip -n router link set lo up &&
                    ip -n router address add 198.51.100.1/32 dev lo
                ip netns exec router nft '{{Seen}}'
                """);
            await Lab.DockerAsync("network create -d cni --ipv6 --subnet 10.66.0.0/24 --gateway 10.66.0.1 --subnet fd66::/64 --gateway "
                + $"fd66::1 {Option}name=br-lan {Option}inhibit_ipv4=true lan");

            await Lab.DockerAsync("run --rm --network lan --ip 10.66.0.10 lab ping -c1 -W3 198.51.100.1");
            await Lab.DockerAsync("run --rm --network lan lab ping6 -c1 -W3 2001:db8:ffff::2");

            Assert.Equal("fd66::1/64", await Lab.OkAsync("ip -br address show br-lan | grep -o '10.66[^ ]*\\|fd66[^ ]*'"));
            Assert.Contains("elements = { 10.66.0.10 }", await Lab.OkAsync("ip netns exec router nft list set inet seen seen4"),
                StringComparison.Ordinal);
        }
        finally
        {
            if (environment.Length > 0)
                await Lab.RestartCnidAsync();
        }
    }

    private Task<string> PrepareAsync() => Lab.OkAsync($$"""
        ip address add 203.0.113.9/24 dev wan
        for net in 61 62 63 64; do ip -n internet route add 10.$net.0.0/24 via 203.0.113.1; done;
        ip -n internet -6 route add fd61::/64 via 2001:db8:ffff::1
        ip netns exec internet nft '{{Seen}}'
        create() { docker network create -d cni "$@" > /dev/null; }
        create --ipv6 --subnet 10.61.0.0/24 --subnet fd61::/64 {{Option}}gateway_mode_ipv4=routed {{Option}}gateway_mode_ipv6=routed routed
        create --subnet 10.62.0.0/24 {{Option}}gateway_mode_ipv4=nat-unprotected open
        create --subnet 10.63.0.0/24 {{Option}}trusted_host_interfaces=wan:nowhere0 trusted
        create --subnet 10.64.0.0/24 {{Option}}gateway_mode_ipv4=nat {{Option}}trusted_host_interfaces=nowhere0 plain
        create --subnet 10.65.0.0/24 -o com.docker.network.host_ipv4=203.0.113.9 source
        run() { docker run -d --name $1 --network $1 --ip $2 $3 lab sh -c 'httpd -p 81 -h /www; httpd -f -h /www' > /dev/null; }
        run routed 10.61.0.10 '--ip6 fd61::10 -p 8061:80' & run open 10.62.0.10 '-p 8062:80' & run trusted 10.63.0.10 '-p 8063:80' &
        run plain 10.64.0.10 '-p 8064:80' & run source 10.65.0.10 & wait
        """);

    private static string Sorted(string lines) => string.Join('\n', lines.Trim().Split('\n').Order(StringComparer.Ordinal));
}
