using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Netlink;
using CniCore.Linux;
using CniCore.Plugins.Interfaces;

namespace CniCore.Tests.Plugins;

/// <summary>A mapped port under 127.0.0.1 and ::1, and what that needs of the kernel.</summary>
public sealed class PortMapLocalhostTests : PortMapTest
{
    private const string Sysctl1 = "net/ipv4/conf/br1/route_localnet";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Localhost_IsReached_WhetherBridgesUseRulesOrNot(bool bridgesUseRules)
    {
        using var tcp = Listener(Container(1, 2), "0.0.0.0", 80);
        BridgesUseRules(bridgesUseRules);
        await AddAsync(Attachment);
        Assert.Equal("10.1.0.1", await ConnectedAsync(tcp, Host, "127.0.0.1", 8080));
        Assert.Equal("10.1.0.1", await ConnectedAsync(tcp, Host, "127.0.0.2", 8080));
    }

    // Refused at once, a client that tried ::1 for "localhost" goes on to 127.0.0.1; without an answer it would wait for minutes.
    [Fact]
    public async Task LocalhostV6_WhereBridgesUseRules_IsRefusedAtOnce()
    {
        BridgesUseRules(true);
        Assert.SkipUnless(Host.Inside(() => Sysctl.Read("net/bridge/bridge-nf-call-ip6tables")) == "1", "needs br_netfilter");
        using var tcp = Listener(Container(1, 2), "::", 80);
        await AddAsync(Attachment);
        var fault = await Assert.ThrowsAsync<SocketException>(() => ConnectedAsync(tcp, Host, "::1", 8080));
        Assert.Equal(SocketError.ConnectionRefused, fault.SocketErrorCode);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Localhost_Alone_CanBeMapped(string address)
    {
        _ = Outside;
        BridgesUseRules(false);
        using var tcp = Listener(Container(1, 2), Any(address), 80);
        await AddAsync(Attachment with { Keys = Ports($$"""{ "hostPort": 8080, "containerPort": 80, "hostIP": "{{address}}" }""") });
        await ConnectedAsync(tcp, Host, address, 8080);
        await Assert.ThrowsAsync<SocketException>(() => ConnectedAsync(tcp, Outside, HostOutside[address == "::1" ? 1 : 0], 8080));
    }

    // A neighbour that sends to 127.0.0.1 through the container's gateway.
    [Fact]
    public async Task Localhost_IsNotOpenedToNeighbours()
    {
        var neighbour = Container(1, 3);
        await AddAsync(Attachment);
        using var secret = Udp(Host, "127.0.0.1", 53);
        neighbour.Inside(() =>
        {
            Sysctl.Write("net/ipv4/conf/eth0/route_localnet", "1");
            using var route = RouteSocket.Open();
            route.DeleteAddress(1, IPAddress.Loopback, 8);
            route.AddRoute(new(IPAddress.Parse("127.0.0.1"), 32, IPAddress.Parse("10.1.0.1"), route.FindLink("eth0")!.Index));
        });
        using var sender = Udp(neighbour, "10.1.0.3");
        await sender.SendToAsync("x"u8.ToArray(), new IPEndPoint(IPAddress.Loopback, 53), Patience);
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => secret.ReceiveAsync(new byte[4], soon.Token).AsTask());
    }

    [Fact]
    public async Task Delete_OfTheLast_ClosesAgainWhatAddOpened()
    {
        BridgesUseRules(false);
        var before = State();
        var other = Attachment with { Number = 3, Keys = Ports("""{ "hostPort": 8081, "containerPort": 80 }""") };
        await AddAsync(Attachment);
        await AddAsync(other);
        var open = State();
        Assert.NotEqual(before, open);
        await InHostAsync(Attachment.DeleteAsync);
        Assert.Equal(open, State());
        await InHostAsync(other.DeleteAsync);
        Assert.Equal(before, State());
    }

    [Fact]
    public async Task Delete_OfTheLast_LeavesOpenWhatWasOpenBefore()
    {
        Host.Inside(() => Sysctl.Write(Sysctl1, "1"));
        await AddAsync(Attachment);
        await InHostAsync(Attachment.DeleteAsync);
        Assert.Equal("1", Host.Inside(() => Sysctl.Read(Sysctl1)));
    }

    [Fact]
    public async Task Delete_WithTheBridgeGone_Succeeds()
    {
        await AddAsync(Attachment);
        using (var route = RouteSocket.OpenIn(Host))
            route.DeleteLink(route.FindLink("br1")!.Index);
        await InHostAsync(Attachment.DeleteAsync);
        Assert.Empty(Rules());
    }

    [Fact]
    public async Task Add_WithoutSnat_OpensNothing()
    {
        var before = State();
        await AddAsync(Attachment with { Keys = Ports("""{ "hostPort": 8080, "containerPort": 80 }""", """ "snat": false """) });
        Assert.Equal(before, State());
    }

    private string State() => Host.Inside(() => Sysctl.Read(Sysctl1)) + Tool("ip -6 route show table local ::1");
}
