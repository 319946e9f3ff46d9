using EndToEnd.Host;

namespace EndToEnd;

/// <summary>Docker's options of a bridge network in IPv6, each family by itself. With packets.</summary>
public sealed class GatewayModeIPv6Tests(Lab lab) : LabTest(lab)
{
    private const string Option = "-o com.docker.network.bridge.";

    // Records whom the internet is pinged by.
    private const string Seen =
        "table ip6 seen { set seen { type ipv6_addr; size 64; flags dynamic; }; "
        + "chain in { type filter hook input priority 0; icmpv6 type echo-request add @seen { ip6 saddr }; }; }";

    // Asks all at once: what is dropped is silent until the time is up.
    private const string Probe =
        """
        probe() { name=$1; shift; if "$@" > /dev/null 2>&1; then echo $name yes; else echo $name no; fi; }
        web() { curl -g -s -m3 http://$1/ | grep -q hello; }
        internet() { ip netns exec internet curl -g -s -m3 http://$1/ | grep -q hello; }
        ping_from_internet() { ip netns exec internet busybox ping6 -c1 -W3 $1; }
        from_plain() { timeout 3 docker exec plain wget -qO- http://$1/; }
        {
            for net in 71 72 73; do
                probe $net-host internet [2001:db8:ffff::1]:80$net &
                probe $net-80 internet [fd$net::10] &
                probe $net-81 internet [fd$net::10]:81 &
                probe $net-ping ping_from_internet fd$net::10 &
                probe $net-from-host web [fd$net::10]:81 &
                probe $net-v4 internet 10.$net.0.10:81 &
            done
            for net in 71 72; do probe $net-80-from-plain from_plain [fd$net::10] & done
            wait
        } | sort
        """;

    private static readonly string Expected = string.Join('\n', new[]
    {
        "71-80 yes", "71-80-from-plain no", "71-81 yes", "71-from-host yes", "71-host yes", "71-ping yes", "71-v4 no",
        "72-80 yes", "72-80-from-plain no", "72-81 no", "72-from-host yes", "72-host yes", "72-ping no", "72-v4 no",
        "73-80 no", "73-81 no", "73-from-host yes", "73-host yes", "73-ping no", "73-v4 no",
    }.Order(StringComparer.Ordinal));

    protected override Task ClearAsync() => Lab.RunAsync("""
        ip -6 address del 2001:db8:ffff::9/64 dev wan; ip netns exec internet nft delete table ip6 seen
        for net in 71 72 73 74; do ip -n internet -6 route del fd$net::/64; ip -n internet route del 10.$net.0.0/24; done
        """);

    [Theory]
    [InlineData("")]
    [InlineData("CNID_BUILTIN=off")]
    public async Task B_ModesTrustedInterfacesAndSource_HoldInIPv6(string environment)
    {
        if (environment.Length > 0)
            await Lab.RestartCnidAsync(environment);
        try
        {
            await Lab.OkAsync($$"""
                ip -6 address add 2001:db8:ffff::9/64 dev wan nodad preferred_lft 0
                for net in 71 72 73 74; do
                    ip -n internet -6 route add fd$net::/64 via 2001:db8:ffff::1; ip -n internet route add 10.$net.0.0/24 via 203.0.113.1
                done
                ip netns exec internet nft '{{Seen}}'
                create() {
                    net=$1; shift
                    docker network create -d cni --ipv6 --subnet 10.$net.0.0/24 --subnet fd$net::/64 "$@" > /dev/null
                }
                create 71 {{Option}}gateway_mode_ipv6=nat-unprotected open
                create 72 {{Option}}trusted_host_interfaces=wan:nowhere0 trusted
                create 73 {{Option}}gateway_mode_ipv6=nat {{Option}}trusted_host_interfaces=nowhere0 plain
                create 74 -o com.docker.network.host_ipv6=2001:db8:ffff::9 source
                run() {
                    docker run -d --name $1 --network $1 --ip 10.$2.0.10 --ip6 fd$2::10 -p 80$2:80 lab \
                        sh -c 'httpd -p 81 -h /www; httpd -f -h /www' > /dev/null
                }
                run open 71 & run trusted 72 & run plain 73 & run source 74 & wait
                """);
            Assert.Equal(Expected, Sorted(await Lab.OkAsync(Probe)));

            await Lab.OkAsync("for net in open trusted plain; do docker exec $net ping6 -c1 -W3 2001:db8:ffff::2 & done; wait");
            Assert.Equal("2001:db8:ffff::1", await SeenAsync());
            await Lab.OkAsync("ip netns exec internet nft flush set ip6 seen seen");
            await Lab.DockerAsync("exec source ping6 -c1 -W3 2001:db8:ffff::2");
            Assert.Equal("2001:db8:ffff::9", await SeenAsync());
        }
        finally
        {
            if (environment.Length > 0)
                await Lab.RestartCnidAsync();
        }
    }

    // The other family has its gateway on the host: what gives it one must not give one to both.
    [Theory]
    [InlineData("", "4")]
    [InlineData("", "6")]
    [InlineData("CNID_BUILTIN=off", "4")]
    [InlineData("CNID_BUILTIN=off", "6")]
    public async Task B_IsolatedInOneFamily_LeavesTheHostWithoutAnAddressOfIt(string environment, string family)
    {
        if (environment.Length > 0)
            await Lab.RestartCnidAsync(environment);
        try
        {
            await Lab.DockerAsync("network create -d cni --internal --ipv6 --subnet 10.75.0.0/24 --subnet fd75::/64 "
                + $"{Option}name=br-alone {Option}gateway_mode_ipv{family}=isolated alone");
            await Lab.DockerAsync("run -d --name server --network alone --ip 10.75.0.10 --ip6 fd75::10 lab httpd -f -h /www");

            foreach (var address in new[] { "10.75.0.10", "[fd75::10]" })
                Assert.Equal("hello", await Lab.DockerAsync($"run --rm --network alone lab wget -qO- http://{address}/"));
            Assert.Equal(family == "4" ? "" : "10.75.0.1/24",
                await Lab.OkAsync("ip -4 -o address show br-alone | awk '{print $4}'"));
            var v6 = (await Lab.OkAsync("ip -6 -o address show br-alone | awk '{print $4}'")).Split(
                '\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(family == "6" ? [] : ["fd75::1/64"], v6.Where(address => !address.StartsWith("fe80:", StringComparison.Ordinal)));
            Assert.Equal(family == "4", v6.Any(address => address.StartsWith("fe80:", StringComparison.Ordinal)));
            Assert.Equal("", await Lab.DockerAsync("exec server sh -c 'ip route; ip -6 route' | grep default || true"));
            Assert.Equal(family == "6",
                (await Lab.RunAsync("docker exec server ping -c1 -W1 10.75.0.1")).Status == 0);
            Assert.Equal(family == "4",
                (await Lab.RunAsync("docker exec server ping6 -c1 -W1 fd75::1")).Status == 0);
            // All that listen on the link: the host too, were it there.
            Assert.Equal(family == "4", (await Lab.RunAsync("docker exec server ping6 -c2 -W1 ff02::1%eth0 "
                + "| grep 'bytes from' | grep -v \"$(docker exec server ip -6 -o address show eth0 | grep -o 'fe80[^/]*')\"")).Status == 0);
        }
        finally
        {
            if (environment.Length > 0)
                await Lab.RestartCnidAsync();
        }
    }

    private async Task<string> SeenAsync() =>
        string.Join(' ', (await Lab.OkAsync("ip netns exec internet nft -j list set ip6 seen seen | python3 -c 'import json,sys; "
            + "print(\" \".join(sorted(e if isinstance(e, str) else e[\"elem\"][\"val\"] for e in "
            + "json.load(sys.stdin)[\"nftables\"][1][\"set\"].get(\"elem\", []))))'")).Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string Sorted(string lines) => string.Join('\n', lines.Trim().Split('\n').Order(StringComparer.Ordinal));
}
