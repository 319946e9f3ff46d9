using EndToEnd.Host;

namespace EndToEnd;

/// <summary>Frames that no honest neighbour sends, in IPv4 and IPv6: to 127.0.0.1, with others' addresses, as a router.</summary>
public sealed class SpoofingTests(Lab lab) : LabTest(lab)
{
    // Records which ports a namespace's datagrams and whose pings have come to.
    private const string Seen =
        "table inet seen { set ports { type inet_service; size 64; flags dynamic; }; "
        + "set from4 { type ipv4_addr; size 64; flags dynamic; }; set from6 { type ipv6_addr; size 64; flags dynamic; }; "
        + "chain in { type filter hook input priority 0; udp dport 1-1023 add @ports { udp dport }; "
        + "icmp type echo-request add @from4 { ip saddr }; icmpv6 type echo-request add @from6 { ip6 saddr }; }; }";

    private static readonly string Frames = Path.Combine(AppContext.BaseDirectory, "frames.py");

    // The reference's bridge leaves its table for macspoofchk.
    protected override Task ClearAsync() => Lab.RunAsync("nft delete table inet seen; nft delete table bridge nat");

    private Task<string> CreateAsync(string name, int net, string options = "") => Lab.OkAsync($"""
        docker network create -d cni --ipv6 --subnet 10.{net}.0.0/24 --subnet fd{net}::/64 {options} {name}
        docker run -d --name {name} --network {name} --ip 10.{net}.0.10 --ip6 fd{net}::10 lab sleep 600
        docker run -d --name {name}-peer --network {name} --ip 10.{net}.0.11 --ip6 fd{net}::11 lab sleep 600
        """);

    private Task<string> InsideAsync(string container, string command) => Lab.OkAsync(
        $"nsenter -n -t $(docker inspect -f '{{{{.State.Pid}}}}' {container}) sh <<'E'\n{command}\nE");

    private Task<string> MacOnHostAsync(string link) => Lab.OkAsync($"ip -o link show {link} | sed 's/.*ether \\([^ ]*\\) .*/\\1/'");

    private Task<string> SendAsync(string container, string words) => InsideAsync(container, $"python3 {Frames} {words}");

    private Task<string> MacOfAsync(string container) => Lab.DockerAsync($"exec {container} cat /sys/class/net/eth0/address");

    private Task<string> RecordAsync(string container) => InsideAsync(container, $"nft '{Seen}'");

    private Task<string> SeenAsync(string container) => InsideAsync(container, "nft list table inet seen");

    // A route of the host's, or an address, would be there at once; what is not there after an answer on the same way never was.
    [Theory]
    [InlineData("ra eth0")]
    [InlineData("ra eth0 1")]
    [InlineData("ra eth0 2")]
    [InlineData("ra eth0 0 hops")]
    public async Task RouterAdvertisement_OfAContainer_GivesNobodyARoute(string words)
    {
        await CreateAsync("web", 91);
        await Lab.DockerAsync("network create -d cni --subnet 10.92.0.0/24 four");
        await Lab.DockerAsync("run -d --name four --network four lab sleep 600");
        var before = await RoutesAsync();

        await SendAsync("web", words);
        await SendAsync("four", words);
        await Lab.DockerAsync("exec web ping6 -c1 -W3 fd91::11");
        await Lab.DockerAsync("exec web ping6 -c1 -W3 fd91::1");
        await Lab.DockerAsync("exec four ping -c1 -W3 10.92.0.1");

        Assert.Equal(before, await RoutesAsync());
        await Lab.DockerAsync("exec web-peer ping6 -c1 -W3 2001:db8:ffff::2");
    }

    [Fact]
    public async Task RuleAgainstAdvertisements_ComesBack_AndGoesWithTheContainers()
    {
        await CreateAsync("web", 91);
        await Lab.OkAsync("nft delete table bridge cnid_routers");
        await Lab.EventuallyAsync("the rule is there again", async () =>
            (await Lab.RunAsync("nft list table bridge cnid_routers | grep -c 'goto node'")).Output.Trim() == "2");
        await Lab.DockerAsync("rm -f web web-peer");
        await Lab.FailsAsync("nft list table bridge cnid_routers");
    }

    // The frames of the others would come to whoever spoke last with their address.
    [Theory]
    [InlineData("-o cni.macspoofchk=true", "", false)]
    [InlineData("-o cni.macspoofchk=true", "CNID_BUILTIN=off", false)]
    [InlineData("", "", true)]
    public async Task Mac_OfANeighbour_IsTaken_UnlessItIsChecked(string option, string environment, bool isTaken)
    {
        var (victim, gateway) = ("", "");
        if (environment.Length > 0)
            await Lab.RestartCnidAsync(environment);
        try
        {
            await CreateAsync("web", 91, option);
            victim = await MacOfAsync("web-peer");
            gateway = await MacOnHostAsync("$(ip -o route get 10.91.0.10 | grep -o 'cni-[^ ]*')");

            await Lab.DockerAsync("exec web-peer ping -c1 -W3 10.91.0.1");
            if (isTaken) // until it speaks again
                await Lab.EventuallyAsync("its place is taken", IsTakenAsync);
            else
                Assert.False(await IsTakenAsync());
            await Lab.DockerAsync("exec web ping -c1 -W3 203.0.113.2");
            await Lab.DockerAsync("exec web ping6 -c1 -W3 2001:db8:ffff::2");
        }
        finally
        {
            if (environment.Length > 0)
                await Lab.RestartCnidAsync();
        }

        async Task<bool> IsTakenAsync()
        {
            await SendAsync("web", $"echo eth0 {gateway} 10.91.0.10 10.91.0.1 {victim}");
            await SendAsync("web", $"claim eth0 10.91.0.11 {victim}");
            await SendAsync("web", $"claim eth0 fd91::11 {victim}");
            return (await Lab.OkAsync($"bridge fdb show | grep '^{victim}.*master cni-' | grep -v permanent"))
                .Contains($" dev {await PortOfAsync("web")} ", StringComparison.Ordinal);
        }
    }

    // Whatever source a neighbour writes: another network stays another network, and the LAN outside.
    [Fact]
    public async Task SourceAddress_OfAnother_OpensNothing()
    {
        await CreateAsync("one", 91);
        await CreateAsync("two", 92);
        await RecordAsync("two");
        await Lab.DockerAsync("exec one ping -c1 -W3 10.91.0.1");
        var gateway = await InsideAsync("one", "ip -4 neigh show 10.91.0.1 | grep -o '..:..:..:..:..:..'");
        var wan = await MacOnHostAsync("wan");

        foreach (var (v4, v6) in new[] { ("10.92.0.11", "fd92::11"), ("10.92.0.1", "fd92::1"), ("203.0.113.1", "2001:db8:ffff::1"),
            ("127.0.0.1", "::1") })
        {
            await SendAsync("one", $"echo eth0 {gateway} {v4} 10.92.0.10");
            await SendAsync("one", $"echo eth0 {gateway} {v6} fd92::10");
            await Lab.OkAsync($"ip netns exec internet python3 {Frames} echo eth0 {wan} {v4} 10.92.0.10");
            await Lab.OkAsync($"ip netns exec internet python3 {Frames} echo eth0 {wan} {v6} fd92::10");
        }
        await Lab.DockerAsync("exec one ping -c1 -W3 10.91.0.1");
        await Lab.OkAsync("ip netns exec internet busybox ping -c1 -W3 203.0.113.1");
        await Lab.DockerAsync("exec two-peer ping -c1 -W3 10.92.0.10");
        await Lab.DockerAsync("exec two-peer ping6 -c1 -W3 fd92::10");

        var seen = await SeenAsync("two");
        Assert.Contains("elements = { 10.92.0.11 }", seen, StringComparison.Ordinal); // once, by itself, at the end
        Assert.Contains("elements = { fd92::11 }", seen, StringComparison.Ordinal);
    }

    // A packet to 127.0.0.1 on the wire, where answers to mapped localhost need route_localnet.
    [Fact]
    public async Task PortsAndServicesOfLocalhost_AreNotForTheLanNorForContainers()
    {
        await CreateAsync("web", 91);
        await Lab.DockerAsync("run -d --name server --network web --ip 10.91.0.20 --ip6 fd91::20 "
            + "-p 127.0.0.1:123:700/udp -p [::1]:124:700/udp lab httpd -f -h /www");
        await RecordAsync("server");
        await Lab.OkAsync($"nft '{Seen}'");
        await Lab.DockerAsync("exec web ping -c1 -W3 10.91.0.1");
        var gateway = await InsideAsync("web", "ip -4 neigh show 10.91.0.1 | grep -o '..:..:..:..:..:..'");
        var wan = await MacOnHostAsync("wan");

        foreach (var port in new[] { 123, 124, 99 })
        {
            foreach (var (source, target) in new[]
            {
                ("10.91.0.10", "127.0.0.1"), ("fd91::10", "::1"), ("127.0.0.1", "127.0.0.1"), ("::1", "::1"),
            })
            {
                await SendAsync("web", $"udp eth0 {gateway} {source} {target} {port}");
                await Lab.OkAsync($"ip netns exec internet python3 {Frames} udp eth0 {wan} {source} {target} {port}");
            }
        }
        await Lab.DockerAsync("exec web ping -c1 -W3 10.91.0.1");
        await Lab.OkAsync("ip netns exec internet busybox ping -c1 -W3 203.0.113.1");
        Assert.DoesNotMatch("123|124|99", await Lab.OkAsync("nft list set inet seen ports"));
        foreach (var port in new[] { 123, 124 })
        {
            await Lab.OkAsync($"ip netns exec internet python3 {Frames} udp eth0 {wan} 203.0.113.2 203.0.113.1 {port}");
            await Lab.OkAsync($"ip netns exec internet python3 {Frames} udp eth0 {wan} 2001:db8:ffff::2 2001:db8:ffff::1 {port}");
            await SendAsync("web", $"udp eth0 {gateway} 10.91.0.10 203.0.113.1 {port}");
            await SendAsync("web", $"udp eth0 {gateway} fd91::10 2001:db8:ffff::1 {port}");
        }
        await Lab.DockerAsync("exec web ping -c1 -W3 10.91.0.1");
        await Lab.OkAsync("ip netns exec internet busybox ping -c1 -W3 203.0.113.1");
        Assert.Equal("", await PortsAsync("server"));

        // The host itself may.
        await Lab.OkAsync("python3 -c 'import socket as s; s.socket(s.AF_INET, s.SOCK_DGRAM).sendto(b\"x\", (\"127.0.0.1\", 123))'");
        await Lab.EventuallyAsync("it comes in IPv4", async () => (await PortsAsync("server")).Contains("700", StringComparison.Ordinal));
    }

    private Task<string> PortsAsync(string container) => InsideAsync(container, "nft list set inet seen ports | grep elements || true");

    private Task<string> PortOfAsync(string container) => Lab.OkAsync(
        $"ip -o link | grep \"^$(docker exec {container} cat /sys/class/net/eth0/iflink):\" | sed 's/^[0-9]*: \\([^@]*\\)@.*/\\1/'");

    private async Task<string> RoutesAsync() => string.Join('\n',
    [
        await Lab.OkAsync("ip -6 route show table all proto ra; ip -6 -o address | grep 2001:db8:bad || true"),
        await InsideAsync("web-peer", "sh -c 'ip -6 route show table all proto ra; ip -6 -o address | grep 2001:db8:bad || true'"),
    ]);
}
