using System.Net;
using System.Net.Sockets;
using System.Text;
using CniCore.Linux.Netlink;

namespace CniCore.Tests.Plugins;

/// <summary>Flows that began before a port was mapped, or was mapped elsewhere: the client sends from one port, all the time.</summary>
public sealed class PortMapFlowTests : PortMapTest
{
    private static readonly Calls Udp80 =
        Attachment with { Keys = Ports("""{ "hostPort": 8080, "containerPort": 80, "protocol": "udp" }""") };

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Add_OfAPortThatFlowsWentPast_GetsThem(int family)
    {
        using var client = Udp(Outside, Any(Outsider[family]));
        using var container = Udp(Container(1, 2), Any(Outsider[family]), 80);
        using var other = Udp(Container(1, 3), Any(Outsider[family]), 80);
        // Somebody's port is mapped, so the host tracks flows; to the one in question it has no rule, and the flow ends at the host.
        await AddAsync(Attachment with { Number = 3, Keys = Ports("""{ "hostPort": 9, "containerPort": 9, "protocol": "udp" }""") });
        using var local = Udp(Host, HostOutside[family], 8080);
        await SendAsync(client, family, "to the host");
        Assert.Equal("to the host", await ReceiveAsync(local));
        local.Dispose();

        await AddAsync(Udp80);
        await SendAsync(client, family, "to the container");
        Assert.Equal("to the container", await ReceiveAsync(container));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public async Task AContainer_ThatTakesTheOthersPlace_GetsItsFlows(int family, bool replayed)
    {
        using var client = Udp(Outside, Any(Outsider[family]));
        using var old = Udp(Container(1, 2), Any(Outsider[family]), 80);
        using var current = Udp(Container(1, 3), Any(Outsider[family]), 80);
        await AddAsync(Udp80);
        await SendAsync(client, family, "one");
        Assert.Equal("one", await ReceiveAsync(old));

        // The client does not pause: its packets keep the flow alive between the two.
        await InHostAsync((replayed ? Udp80 : Udp80 with { HasResult = false, Keys = "{}" }).DeleteAsync);
        await SendAsync(client, family, "lost");
        await AddAsync(Udp80 with { Number = 3 });
        await SendAsync(client, family, "two");
        Assert.Equal("two", await ReceiveAsync(current));
        Assert.Equal(0, old.Available);
    }

    [Fact]
    public async Task Delete_ForgetsTheContainersFlows_AndNoOthers()
    {
        using var client = Udp(Outside, "0.0.0.0");
        using var container = Udp(Container(1, 2), "0.0.0.0", 80);
        using var second = Udp(Container(1, 3), "0.0.0.0", 80);
        using var forwarded = Udp(Container(2, 2), "0.0.0.0", 8080);
        await AddAsync(Udp80);
        await AddAsync(Udp80 with { Number = 3, Keys = Ports("""{ "hostPort": 8081, "containerPort": 80, "protocol": "udp" }""") });
        await SendAsync(client, 0, "x");
        await client.SendToAsync("x"u8.ToArray(), new IPEndPoint(IPAddress.Parse(HostOutside[0]), 8081), Patience);
        await client.SendToAsync("x"u8.ToArray(), new IPEndPoint(IPAddress.Parse("10.2.0.2"), 8080), Patience); // another host's 8080
        foreach (var server in new[] { container, second, forwarded })
            Assert.Equal("x", await ReceiveAsync(server));
        Assert.Equal(["10.2.0.2:8080", $"{HostOutside[0]}:8080", $"{HostOutside[0]}:8081"], Flows());

        await InHostAsync(Udp80.DeleteAsync);
        Assert.Equal(["10.2.0.2:8080", $"{HostOutside[0]}:8081"], Flows());
    }

    [Fact]
    public async Task Add_Again_LeavesTheContainersFlowsAlone()
    {
        using var client = Udp(Outside, "0.0.0.0");
        using var container = Udp(Container(1, 2), "0.0.0.0", 80);
        await AddAsync(Udp80);
        await SendAsync(client, 0, "x");
        var before = Assert.Single(Ids());
        await AddAsync(Udp80);
        Assert.Equal(before, Assert.Single(Ids()));
    }

    [Fact]
    public async Task CollectGarbage_ForgetsFlowsToo()
    {
        using var client = Udp(Outside, "0.0.0.0");
        using var container = Udp(Container(1, 2), "0.0.0.0", 80);
        await AddAsync(
            Udp80 with
            {
                Keys = Ports("""{ "hostPort": 8080, "containerPort": 80, "protocol": "udp" }""",
                """ "conditionsV4": [ "ip saddr 192.0.2.0/24" ] """)
            });
        await SendAsync(client, 0, "x");
        Assert.Equal("x", await ReceiveAsync(container));
        await InHostAsync(host => Udp80.CollectAsync(host));
        Assert.Empty(Flows());
    }

    private string[] Flows() => [.. List().Select(flow => flow.Original.Destination.ToString()).Order(StringComparer.Ordinal)];

    private int[] Ids() => [.. List().Select(flow => flow.Id)];

    private IReadOnlyList<Flow> List() => Host.Inside(() =>
    {
        using var conntrack = ConntrackSocket.Open();
        return conntrack.Flows(AddressFamily.InterNetwork, 17);
    });

    private Task<int> SendAsync(Socket client, int family, string text) =>
        client.SendToAsync(Encoding.ASCII.GetBytes(text), new IPEndPoint(IPAddress.Parse(HostOutside[family]), 8080), Patience).AsTask();

    private async Task<string> ReceiveAsync(Socket server)
    {
        var buffer = new byte[64];
        return Encoding.ASCII.GetString(buffer, 0, await server.ReceiveAsync(buffer, Patience));
    }
}
