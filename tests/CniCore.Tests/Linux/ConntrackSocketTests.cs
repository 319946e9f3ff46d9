using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Interop;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;

namespace CniCore.Tests.Linux;

public sealed class ConntrackSocketTests : LinuxTest
{
    private const byte Udp = 17;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Flows_ToAPort_AreListedAndForgotten(string address)
    {
        var space = Tracking();
        var to = IPAddress.Parse(address);
        space.Inside(() =>
        {
            var (first, second) = (Send(to, 5001), Send(to, 5002));
            using var conntrack = ConntrackSocket.Open();
            Assert.Equal([5001, 5002], conntrack.Flows(to.AddressFamily, Udp).Select(flow => flow.Original.Destination.Port).Order());

            var found = Assert.Single(conntrack.Flows(to.AddressFamily, Udp, 5001));
            Assert.Equal(new(Udp, new(to, first), new(to, 5001)), found.Original);
            Assert.Equal(new(Udp, new(to, 5001), new(to, first)), found.Reply);
            Assert.True(conntrack.Delete(found));
            Assert.False(conntrack.Delete(found));
            Assert.Equal(second, Assert.Single(conntrack.Flows(to.AddressFamily, Udp)).Original.Source.Port);
        });
    }

    [Fact]
    public void Flows_OfAnotherProtocolOrFamily_AreNotListed() => Tracking().Inside(() =>
    {
        Send(IPAddress.Loopback, 5001);
        using var conntrack = ConntrackSocket.Open();
        Assert.Empty(conntrack.Flows(AddressFamily.InterNetwork, 6));
        Assert.Empty(conntrack.Flows(AddressFamily.InterNetworkV6, Udp));
    });

    // A kernel before 5.8 passes the filter over; on later ones a listing must not bring the whole table into this process.
    [Fact]
    public void Flows_AreFilteredByTheKernel() => Tracking().Inside(() =>
    {
        Assert.SkipUnless(Environment.OSVersion.Version >= new Version(5, 8), "needs Linux 5.8");
        for (var port = 5000; port < 5050; port++)
            Send(IPAddress.Loopback, port);
        Assert.Equal((50, 1, 0), (Sent(Udp, null), Sent(Udp, 5001), Sent(132, null)));
    });

    [Fact]
    public void Flows_OfTenThousand_AreReadToTheEnd() => Tracking().Inside(() =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        for (var port = 10000; port < 20000; port++)
            socket.SendTo([1], new IPEndPoint(IPAddress.Loopback, port));
        using var conntrack = ConntrackSocket.Open();
        Assert.Equal(10000, conntrack.Flows(AddressFamily.InterNetwork, Udp).Select(flow => flow.Id).Distinct().Count());
    });

    // A namespace tracks only once some rule asks for it.
    private NetworkNamespace Tracking()
    {
        var space = Space("tracking");
        using (var route = RouteSocket.OpenIn(space))
            route.SetUp(1);
        space.Inside(() => CniCore.Linux.Nftables.NftProgram.Run("table inet track { chain out { type filter hook output priority 0; ct "
            + "state new accept; }\n chain in { type filter hook input priority 0; ct state new accept; }\n }\n"));
        return space;
    }

    // How many the kernel sends for a listing.
    private static int Sent(byte protocol, int? port)
    {
        using var socket = NetlinkSocket.Open(nfnetlink.NETLINK_NETFILTER);
        return socket.Dump(() => ConntrackSocket.Filtered(AddressFamily.InterNetwork, protocol, port), _ =>
            new object(), "listing flows").Count;
    }

    private static int Send(IPAddress to, int port)
    {
        using var socket = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.SendTo([1], new IPEndPoint(to, port));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
