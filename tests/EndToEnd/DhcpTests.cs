using System.Globalization;
using EndToEnd.Host;

namespace EndToEnd;

/// <summary>
/// Addresses from a LAN's DHCP server, a real dnsmasq behind the macvlan's master: shown by Docker, renewed as long as the container runs,
/// given back.
/// </summary>
public sealed class DhcpTests(Lab lab) : LabTest(lab)
{
    private const string Create = "network create -d cni -o cni.type=macvlan -o cni.master=lan0 -o cni.ipam.type=dhcp --ipam-driver null";

    // The least that dnsmasq leases for is 2 minutes; clients are told to renew after 4 s.
    private const string Server = "ip netns exec lan setsid dnsmasq --keep-in-foreground --log-facility=- --port=0 --conf-file=/dev/null "
        + "--pid-file=/run/dnsmasq.pid --no-ping"
        + " --dhcp-authoritative --interface=server --dhcp-range=10.99.0.50,10.99.0.60,2m --dhcp-option=3,10.99.0.1 --dhcp-option=58,4 "
            + "--dhcp-option=59,8"
        + " --dhcp-leasefile=/run/dnsmasq.leases";

    private int logStart;

    private string Log => Path.Combine(Lab.Folder, "dnsmasq.log");

    [Fact]
    public async Task Lease_IsShown_RenewedFromTheContainer_AndGivenBack()
    {
        await ServeAsync();
        await Lab.DockerAsync(Create + " lan");
        await Lab.DockerAsync("run -d --name leased --network lan lab sleep 600");
        var address = await Lab.DockerAsync("inspect -f {{.NetworkSettings.Networks.lan.IPAddress}} leased");
        Assert.StartsWith("10.99.0.", address, StringComparison.Ordinal);
        Assert.Contains($"inet {address}/24", await Lab.DockerAsync("exec leased ip address show eth0"), StringComparison.Ordinal);
        await Lab.DockerAsync("exec leased ping -c1 -W3 10.99.0.1");
        await RenewalsAsync(address, 2);
        await RenewalsAsync(address, 2, after: () => Lab.RestartCnidAsync());
        Assert.Contains($"inet {address}/24", await Lab.DockerAsync("exec leased ip address show eth0"), StringComparison.Ordinal);

        await Lab.DockerAsync("rm -f leased");
        await ReleaseAsync(address);
        await Lab.DockerAsync("network rm lan");
    }

    [Fact]
    public async Task SecondNetworkOfAContainer_IsRenewedToo()
    {
        await ServeAsync();
        await Lab.DockerAsync("network create -d cni plain");
        await Lab.DockerAsync(Create + " lan");
        await Lab.DockerAsync("run -d --name leased --network plain lab sleep 600");
        await Lab.DockerAsync("network connect lan leased");
        var address = await Lab.DockerAsync("inspect -f {{.NetworkSettings.Networks.lan.IPAddress}} leased");
        Assert.Contains($"inet {address}/24", await Lab.DockerAsync("exec leased ip address show eth1"), StringComparison.Ordinal);
        await RenewalsAsync(address, 1); // a client before 1.2 renews by rebinding, for its renewals leave out the identifier
        await Lab.DockerAsync("network disconnect lan leased");
        await ReleaseAsync(address);
    }

    [Fact]
    public async Task NetworkThatWasLeft_IsNotLeasedAgain_WhenDockerAsksAboutItsEndpoint()
    {
        await ServeAsync();
        await Lab.DockerAsync("network create -d cni plain");
        await Lab.DockerAsync(Create + " lan");
        await Lab.DockerAsync("run -d --name leased --network plain lab sleep 600");
        await Lab.DockerAsync("network connect lan leased");
        var address = await Lab.DockerAsync("inspect -f {{.NetworkSettings.Networks.lan.IPAddress}} leased");
        var endpoint = await Lab.DockerAsync(
            """inspect -f '{"NetworkID":"{{.NetworkSettings.Networks.lan.NetworkID}}","EndpointID":"""
            + """ "{{.NetworkSettings.Networks.lan.EndpointID}}"}' leased""");
        await RenewalsAsync(address, 1);
        var taken = Count($"DHCPACK(server) {address} ");
        foreach (var call in (string[])["Leave", "EndpointOperInfo", "Leave"])
            Assert.DoesNotContain("Err", await Lab.OkAsync(
                $"curl -s --unix-socket {Host.Lab.Socket} -d '{endpoint}' http://d/NetworkDriver.{call}"), StringComparison.Ordinal);
        await Lab.DockerAsync("network disconnect lan leased");
        await ReleaseAsync(address);
        Assert.Equal(taken, Count($"DHCPACK(server) {address} "));
    }

    [Fact]
    public async Task DaemonThatIsKilled_IsStartedAgain_AndKeepsTheLease()
    {
        await ServeAsync();
        await Lab.DockerAsync(Create + " lan");
        await Lab.DockerAsync("run -d --name leased --network lan lab sleep 600");
        var address = await Lab.DockerAsync("inspect -f {{.NetworkSettings.Networks.lan.IPAddress}} leased");
        await RenewalsAsync(address, 1);
        await RenewalsAsync(address, 3, after: () => Lab.OkAsync("pkill -KILL -x dhcp"));
        await Lab.DockerAsync("rm -f leased");
        await ReleaseAsync(address);
    }

    // A daemon that is told to end goes on for as long as a young connection of it is open, and removes whatever is at its socket's path at
    // the very end.
    [Fact]
    public async Task DaemonThatTakesItsTimeToEnd_DoesNotTakeTheNextOneWithIt()
    {
        await ServeAsync();
        await Lab.DockerAsync(Create + " lan");
        await Lab.DockerAsync("run -d --name leased --network lan lab sleep 600");
        var first = await Lab.DockerAsync("inspect -f {{.NetworkSettings.Networks.lan.IPAddress}} leased");
        await Lab.OkAsync("pkill -TERM -x dhcp");
        await Lab.DockerAsync("run -d --name other --network lan lab sleep 600");
        var second = await Lab.DockerAsync("inspect -f {{.NetworkSettings.Networks.lan.IPAddress}} other");
        await RenewalsAsync(second, 2);
        await RenewalsAsync(first, 1);
        await Lab.DockerAsync("rm -f leased");
        await ReleaseAsync(first);
        await Lab.DockerAsync("rm -f other");
        await ReleaseAsync(second, ofSoMany: 2);
        await Lab.OkAsync("test $(pgrep -c -x dhcp) = 1");
    }

    [Fact]
    public async Task ServerThatIsSilent_FailsTheStart_InOneLine()
    {
        await SegmentAsync();
        await Lab.DockerAsync(Create + " lan");
        var text = await Lab.FailsAsync("docker run --rm --network lan lab true");
        Assert.True(text.Contains("no DHCP server answered", StringComparison.Ordinal), text);
        await Lab.DockerAsync("network rm lan");
    }

    [Fact]
    public async Task C_ServerThatIsSilent_DelaysOneContainerOfThree_AndAllComeUpWhenItAnswers()
    {
        await ServeAsync();
        await Lab.DockerAsync(Create + " lan");
        for (var n = 1; n <= 3; n++)
            await Lab.DockerAsync($"run -d --name leased{n} --restart always --network lan lab sleep 600");
        await Lab.OkAsync("pkill -x dnsmasq; while pgrep -x dnsmasq > /dev/null; do sleep 0.1; done");

        var marked = Lab.CnidLog.Length;
        await Lab.RestartEngineAsync("TERM");
        var refused = Lab.CnidLog[marked..].Split('\n').Where(line => line.Contains("CreateEndpoint refused", StringComparison.Ordinal))
            .Select(line => TimeSpan.Parse(line[..12], CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(3, refused.Count);
        Assert.InRange((refused[^1] - refused[0]).TotalSeconds, 0, 10); // each would have waited for 16 s

        await Lab.OkAsync($"{Server} >> {Log} 2>&1 < /dev/null & exit 0");
        for (var n = 1; n <= 3; n++)
        {
            var name = $"leased{n}";
            await Lab.EventuallyAsync($"{name} has its lease", async () =>
                (await Lab.RunAsync($"docker exec {name} ip -4 address show eth0")).Output.Contains(
                    "inet 10.99.0.", StringComparison.Ordinal), seconds: 120);
        }
        await Lab.DockerAsync("rm -f leased1 leased2 leased3");
        await Lab.DockerAsync("network rm lan");
    }

    [Fact]
    public async Task NoneContainer_IsLeasedAlike()
    {
        await ServeAsync();
        await Lab.OkAsync(
            """echo '{"cniVersion":"1.0.0","name":"lan","plugins":[{"type":"macvlan","master":"lan0","ipam":{"type":"dhcp"}}]}' >"""
                + """ /etc/cni/net.d/lan.conflist""");
        await Lab.DockerAsync("run -d --name leased --network none --label cni.networks=lan lab sleep 600");
        var address = await AddressAsync();
        await RenewalsAsync(address, 1);
        await RenewalsAsync(address, 2, after: () => Lab.OkAsync("pkill -KILL -x dhcp"));
        await Lab.DockerAsync("rm -f leased");
        await ReleaseAsync(address);
    }

    // The pipe ends with the verb, and not with the client that it has started.
    [Fact]
    public async Task NamespaceByHand_IsLeasedAlike_AndNobodyWaitsForTheClient()
    {
        await ServeAsync();
        await Lab.OkAsync(
            """echo '{"cniVersion":"1.0.0","name":"lan","plugins":[{"type":"macvlan","master":"lan0","ipam":{"type":"dhcp"}}]}' > """
                + """/etc/cni/net.d/lan.conflist""");
        await Lab.OkAsync("ip netns add hand");
        Assert.Contains("\"address\": \"10.99.0.", await Lab.OkAsync($"{Host.Lab.Cnid} add lan /run/netns/hand | cat"),
            StringComparison.Ordinal);
        Assert.Contains("inet 10.99.0.", await Lab.OkAsync("ip netns exec hand ip -4 address show eth0"), StringComparison.Ordinal);
        await Lab.OkAsync("test $(pgrep -c -x dhcp) = 1");
        await Lab.OkAsync($"{Host.Lab.Cnid} del lan /run/netns/hand");
    }

    protected override Task ClearAsync() =>
        Lab.RunAsync("pkill -x dnsmasq; pkill -x dhcp; ip link delete lan0; ip netns delete lan; ip netns delete hand; rm -f "
            + "/run/dnsmasq.* "
            + "/run/cni/dhcp.sock; rmdir /run/cni");

    private async Task<string> AddressAsync()
    {
        var address = "";
        await Lab.EventuallyAsync("the container has an address", async () =>
            (address = await Lab.DockerAsync("exec leased ip -4 address show eth0 | sed -n 's/.*inet \\([0-9.]*\\).*/\\1/p'")).Length > 0);
        return address;
    }

    private async Task SegmentAsync() => await Lab.OkAsync(
        "ip netns add lan && ip link add lan0 type veth peer name server netns lan && ip link set lan0 up && ip -n lan address add "
        + "10.99.0.1/24 dev server && ip -n lan link set server up");

    private async Task ServeAsync()
    {
        await SegmentAsync();
        logStart = Lab.CnidLog.Length;
        File.WriteAllText(Log, "");
        await Lab.OkAsync($"{Server} >> {Log} 2>&1 < /dev/null & exit 0");
        await SeesAsync("DHCP, IP range", 1);
    }

    // A renewal is a DHCPREQUEST without a DHCPDISCOVER before it; the server acknowledges each.
    private async Task RenewalsAsync(string address, int count, Func<Task>? after = null)
    {
        var before = Count($"DHCPACK(server) {address} ");
        if (after is not null)
            await after();
        await SeesAsync($"DHCPACK(server) {address} ", before + count);
    }

    private async Task ReleaseAsync(string address, int ofSoMany = 1)
    {
        if (Lab.Engine.HearsReleases)
            await SeesAsync($"DHCPRELEASE(server) {address} ", 1);
        else // the daemon that cnid has started writes to its log
            await Lab.EventuallyAsync(() => $"{ofSoMany} clients give their lease back\n{string.Join('\n', ClientLog())}", () =>
                Task.FromResult(GivenBack() >= ofSoMany));
    }

    private int GivenBack() =>
        ClientLog().GroupBy(line => line.Split(' ')[2]).Count(client => client.Last().Contains("releasing", StringComparison.Ordinal));

    // DATE TIME CLIENT: …
    private IEnumerable<string> ClientLog() =>
        Lab.CnidLog[logStart..].Split('\n')
            .Where(line => line.Contains(" lease", StringComparison.Ordinal) && line.Contains("/eth", StringComparison.Ordinal));

    private Task SeesAsync(string line, int times) =>
        Lab.EventuallyAsync(() =>
            string.Create(CultureInfo.InvariantCulture, $"the server's log has {times} times: {line}\n{File.ReadAllText(Log)}"), () =>
                Task.FromResult(Count(line) >= times));

    private int Count(string line) => File.ReadLines(Log).Count(one => one.Contains(line, StringComparison.Ordinal));
}
