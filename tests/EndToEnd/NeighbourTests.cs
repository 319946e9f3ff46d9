using EndToEnd.Host;

namespace EndToEnd;

/// <summary>Who cannot reach whom, in IPv4 and IPv6, whatever a container tries. Its own root has NET_ADMIN here.</summary>
public sealed class NeighbourTests(Lab lab) : LabTest(lab)
{
    // Asks all at once: what is dropped is silent until the time is up.
    private const string Ask =
        """
        probe() { name=$1; shift; if "$@" 2> /dev/null | grep -q hello; then echo "$name yes"; else echo "$name no"; fi; }
        from() { timeout 4 docker exec $1 wget -qO- "http://$2/"; }
        internet() { ip netns exec internet curl -g -s -m3 "http://$1/"; }
        """;

    private static readonly string[] Networks = ["one", "two", "pods", "theirs"];
    private static readonly string[] Families = ["4", "6"];
    private static readonly string[] Closed = ["internet", "other", "from-other", "from-internet", "published"];

    private string policy = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        policy = await Lab.OkAsync("ip6tables -S FORWARD | head -1 | cut -d' ' -f3");
    }

    // The engine closes FORWARD with its own first network of a family, and does not open it again.
    protected override Task ClearAsync() => Lab.RunAsync($"ip6tables -P FORWARD {policy}\n" + """
        ip link delete pods0; rm -rf /var/lib/cni/networks/pods; kill $(cat /run/own-services) 2> /dev/null; rm -f /run/own-services
        for net in 91 92 93 94; do ip -n internet route del 10.$net.0.0/24; ip -n internet -6 route del fd$net::/64; done
        """);

    [Theory]
    [InlineData("")]
    [InlineData("CNID_BUILTIN=off")]
    public async Task Networks_GeneratedOrOfAListOrDockers_AreApart(string environment)
    {
        if (environment.Length > 0)
            await Lab.RestartCnidAsync(environment);
        try
        {
            await Lab.OkAsync("""
                docker network create -d cni --ipv6 --subnet 10.91.0.0/24 --subnet fd91::/64 one
                docker network create -d cni --ipv6 --subnet 10.92.0.0/24 --subnet fd92::/64 two
                docker network create -d cni --ipam-driver null -o cni.type=bridge -o cni.bridge=pods0 -o cni.isGateway=true \
                    -o cni.ipam.type=host-local -o 'cni.ipam.ranges=[[{"subnet":"10.93.0.0/24"}],[{"subnet":"fd93::/64"}]]' \
                    -o 'cni.ipam.routes=[{"dst":"0.0.0.0/0"},{"dst":"::/0"}]' pods
                docker network create --ipv6 --subnet 10.94.0.0/24 --subnet fd94::/64 theirs
                for net in one two pods theirs; do
                    docker run -d --name $net --network $net lab httpd -f -h /www
                    docker run -d --name $net-peer --network $net lab sleep 600
                done
                """);
            var probes = string.Join('\n', from sender in Networks
                                           from target in Networks
                                           from family in Families
                                           let address = $"\"$({Address(target, family)})\""
                                           select $"probe {sender}-{target}-{family} from {sender}-peer {address} &");

            Assert.Equal(
                from sender in Networks
                from target in Networks
                from family in Families
                let line = $"{sender}-{target}-{family} {(sender == target ? "yes" : "no")}"
                orderby line
                select line,
                Sorted(await Lab.OkAsync($"{Ask}\n{probes}\nwait")));
        }
        finally
        {
            if (environment.Length > 0)
                await Lab.RestartCnidAsync();
        }
    }

    // The host's services at the gateway's address can be reached, as in Docker's own internal networks. Its other addresses too, by who
    // may set routes: that is what gateway_mode_ipv4=isolated is for. Nothing beyond the host ever.
    [Fact]
    public async Task Internal_LeadsToTheHostAlone_AsDockersOwn_AndIsolatedNotEvenThere()
    {
        await Lab.OkAsync("""
            docker network create -d cni --internal --ipv6 --subnet 10.91.0.0/24 --subnet fd91::/64 ours
            docker network create --internal --ipv6 --subnet 10.92.0.0/24 --subnet fd92::/64 theirs
            docker network create -d cni --internal --ipv6 --subnet 10.93.0.0/24 --subnet fd93::/64 \
                -o com.docker.network.bridge.gateway_mode_ipv4=isolated -o com.docker.network.bridge.gateway_mode_ipv6=isolated alone
            docker network create -d cni --ipv6 --subnet 10.94.0.0/24 --subnet fd94::/64 other
            docker run -d --name other --network other --ip 10.94.0.10 --ip6 fd94::10 -p 8094:80 lab httpd -f -h /www
            for net in 91:ours 92:theirs 93:alone; do
                docker run -d --name ${net#*:} --network ${net#*:} --ip 10.${net%:*}.0.10 --ip6 fd${net%:*}::10 --cap-add NET_ADMIN \
                    lab httpd -f -h /www
                docker exec ${net#*:} sh -c "ip route add default via 10.${net%:*}.0.1; ip -6 route add default via fd${net%:*}::1"
                ip -n internet route add 10.${net%:*}.0.0/24 via 203.0.113.1
                ip -n internet -6 route add fd${net%:*}::/64 via 2001:db8:ffff::1
            done
            mkdir -p /run/www; echo hello > /run/www/index.html
            busybox httpd -f -p 9000 -h /run/www > /dev/null 2>&1 < /dev/null & echo $! >> /run/own-services
            ip netns exec internet busybox httpd -f -p 9001 -h /run/www > /dev/null 2>&1 < /dev/null & echo $! >> /run/own-services
            exit 0
            """);
        await Lab.EventuallyAsync("the host serves", async () =>
            (await Lab.RunAsync("curl -s http://203.0.113.1:9000/ && curl -s http://203.0.113.2:9001/")).Status == 0);
        var lines = Sorted(await Lab.OkAsync($$"""
            {{Ask}}
            for net in 91:ours 92:theirs 93:alone; do
                name=${net#*:}; net=${net%:*}
                probe $name-gateway-4 from $name 10.$net.0.1:9000 & probe $name-gateway-6 from $name "[fd$net::1]:9000" &
                probe $name-internet-4 from $name 203.0.113.2:9001 & probe $name-internet-6 from $name "[2001:db8:ffff::2]:9001" &
                probe $name-other-4 from $name 10.94.0.10 & probe $name-other-6 from $name "[fd94::10]" &
                probe $name-from-other-4 from other 10.$net.0.10 & probe $name-from-other-6 from other "[fd$net::10]" &
                probe $name-from-internet-4 internet 10.$net.0.10 & probe $name-from-internet-6 internet "[fd$net::10]" &
                probe $name-uplink-4 from $name 203.0.113.1:9000 & probe $name-uplink-6 from $name "[2001:db8:ffff::1]:9000" &
                probe $name-published-4 from $name 203.0.113.1:8094 & probe $name-published-6 from $name "[2001:db8:ffff::1]:8094" &
            done
            wait
            """));

        foreach (var family in Families)
        {
            foreach (var closed in Closed)
            {
                Assert.Contains($"ours-{closed}-{family} no", lines);
                Assert.Contains($"alone-{closed}-{family} no", lines);
            }
            Assert.Contains($"ours-gateway-{family} yes", lines);
            Assert.Contains($"alone-gateway-{family} no", lines);
            Assert.Contains($"alone-uplink-{family} no", lines);
        }
        Assert.Equal(OfHost("theirs"), OfHost("ours"));

        IEnumerable<string> OfHost(string name) => lines.Where(line => line.StartsWith(name + "-gateway", StringComparison.Ordinal)
            || line.StartsWith(name + "-uplink", StringComparison.Ordinal)).Select(line => line[(name.Length + 1)..]);
    }

    private static string Address(string container, string family) => family == "4"
        ? $"docker exec {container} ip -4 -o address show eth0 | grep -o '10[.0-9]*' | head -1"
        : $"docker exec {container} ip -6 -o address show eth0 | grep -o 'fd[0-9a-f:]*' | sed 's/.*/[&]/'";

    private static IEnumerable<string> Sorted(string lines) => lines.Trim().Split('\n').Order(StringComparer.Ordinal);
}
