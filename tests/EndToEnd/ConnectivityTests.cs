using EndToEnd.Host;

namespace EndToEnd;

public sealed class ConnectivityTests(Lab lab) : LabTest(lab)
{
    [Fact]
    public async Task TwoContainers_OnOneNetwork_ReachEachOtherByNameAndAddress()
    {
        await Lab.DockerAsync("network create -d cni web");
        await Lab.DockerAsync("run -d --name server --network web --network-alias www lab httpd -f -h /www");
        var address = await Lab.DockerAsync("inspect -f '{{.NetworkSettings.Networks.web.IPAddress}}' server");

        await Lab.DockerAsync($"run --rm --network web lab sh -c 'ping -c1 -W3 server && ping -c1 -W3 www && ping -c1 -W3 {address}'");
    }

    [Fact]
    public async Task Container_GoingOut_CarriesTheHostsAddress_AndTheWayBackIsClosed()
    {
        await Lab.DockerAsync("network create -d cni web");
        await Lab.DockerAsync("run -d --name server --network web lab httpd -f -h /www");
        var address = await Lab.DockerAsync("inspect -f '{{.NetworkSettings.Networks.web.IPAddress}}' server");

        // The internet has no route to the container's subnet: an answer proves that the host's address was used.
        await Lab.DockerAsync("exec server ping -c1 -W3 203.0.113.2");
        await Lab.OkAsync($"ip -n internet route add {address}/32 via 203.0.113.1");
        var closed = await Lab.InternetAsync($"curl -s -m2 http://{address}/");
        await Lab.OkAsync($"ip -n internet route del {address}/32");
        Assert.NotEqual(0, closed.Status);
    }

    [Fact]
    public async Task DockersOwnNetwork_IsNotOpenedToOurs_NorOursToIt()
    {
        await Lab.DockerAsync("network create -d cni web");
        await Lab.DockerAsync("run -d --name ours --network web lab httpd -f -h /www");
        await Lab.DockerAsync("run -d --name theirs lab httpd -f -h /www");
        var ours = await Lab.DockerAsync("inspect -f '{{.NetworkSettings.Networks.web.IPAddress}}' ours");
        var theirs = await Lab.DockerAsync("inspect -f '{{.NetworkSettings.Networks.bridge.IPAddress}}' theirs");

        Assert.Contains("100% packet loss", (await Lab.RunAsync($"docker exec ours ping -c1 -W1 {theirs}")).Text, StringComparison.Ordinal);
        Assert.Contains("100% packet loss", (await Lab.RunAsync($"docker exec theirs ping -c1 -W1 {ours}")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DualStack_PingsBothWays()
    {
        await Lab.DockerAsync("network create -d cni --ipv6 --subnet 10.66.0.0/24 --subnet fd66::/64 web");
        await Lab.DockerAsync("run -d --name server --network web lab sleep 600");
        var address = await Lab.DockerAsync("inspect -f '{{.NetworkSettings.Networks.web.GlobalIPv6Address}}' server");

        await Lab.DockerAsync($"run --rm --name client --network web lab sh -c 'ping -c1 -W3 10.66.0.2 && ping6 -c1 -W3 {address} && "
            + "ping6 -c1 -W3 2001:db8:ffff::2'");
    }

    [Fact]
    public async Task TwentyContainers_AtOnce_GetDistinctAddressesAndGo()
    {
        await Lab.DockerAsync("network create -d cni web");
        await Lab.OkAsync("for i in $(seq 20); do docker run -d --name many$i --network web lab sleep 600 & done; wait");

        var addresses = (await Lab.DockerAsync("inspect -f '{{.NetworkSettings.Networks.web.IPAddress}}' $(docker ps -q)")).Split('\n');
        Assert.Equal(20, addresses.Distinct().Count());
        await Lab.DockerAsync(
            $"run --rm --network web lab sh -c '{string.Join(" && ", addresses.Select(address => $"ping -c1 -W3 {address}"))}'");
    }
}
