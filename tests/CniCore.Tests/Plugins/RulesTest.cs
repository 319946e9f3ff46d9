using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CniCore.Firewall;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CniCore.Tests.Linux;

namespace CniCore.Tests.Plugins;

/// <summary>
/// A host with two bridges, containers on them, and an outside, each a namespace, both address families:
/// container 10.1.0.N fd00:1::N on br1, 10.2.0.N fd00:2::N on br2; host .1; outside 192.0.2.2 2001:db8::2, the host's side of it .1.
/// </summary>
public abstract class RulesTest : LinuxTest
{
    protected static readonly string[] HostOutside = ["192.0.2.1", "2001:db8::1"];
    protected static readonly string[] Outsider = ["192.0.2.2", "2001:db8::2"];
    private readonly CancellationTokenSource patience = new(TimeSpan.FromSeconds(20));
    private NetworkNamespace? host;
    private NetworkNamespace? outside;
    private HostFirewall? firewall;

    protected CancellationToken Patience => patience.Token;

    protected NetworkNamespace Host => host ??= MakeHost();

    /// <summary>The host's firewall.</summary>
    protected HostFirewall Firewall => firewall ??= FirewallOf(Host);

    protected NetworkNamespace Outside => outside ??= MakeOutside();

    /// <summary>A container on bridge br1 or br2.</summary>
    protected NetworkNamespace Container(int bridge, int number)
    {
        var container = Quick(Space($"c{bridge}-{number}"));
        using var onHost = RouteSocket.OpenIn(Host);
        onHost.CreateVeth($"v{bridge}-{number}", "peer");
        var port = onHost.FindLink($"v{bridge}-{number}")!.Index;
        onHost.MoveTo(onHost.FindLink("peer")!.Index, container, "eth0");
        onHost.SetMaster(port, onHost.FindLink($"br{bridge}")!.Index);
        // a container that calls itself under the host's address comes back out where it went in
        onHost.SetBridgePort(port, hairpin: true, isolated: false);
        onHost.SetUp(port);
        using var inside = RouteSocket.OpenIn(container);
        inside.SetUp(1);
        SetUp(inside, "eth0", ($"10.{bridge}.0.{number}", 24), ($"fd00:{bridge}::{number}", 64));
        AddDefaults(inside, "eth0", $"10.{bridge}.0.1", $"fd00:{bridge}::1");
        return container;
    }

    protected string Rules() => Host.Inside(() => NftProgram.Run("list ruleset\n"));

    protected void Nft(string commands) => Host.Inside(() => NftProgram.Run(commands));

    /// <summary>Runs a program in the host's namespace; answers what it printed.</summary>
    protected string Tool(string command)
    {
        using var process = Children.Start(
            new ProcessStartInfo("nsenter", $"--net={PathOf("host")} {command}")
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true
            });
        var output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output);
        return output;
    }

    protected static Socket Udp(NetworkNamespace space, string address, int port = 0) =>
        Bound(space, SocketType.Dgram, ProtocolType.Udp, address, port);

    protected static Socket Listener(NetworkNamespace space, string address, int port)
    {
        var socket = Bound(space, SocketType.Stream, ProtocolType.Tcp, address, port);
        socket.Listen();
        return socket;
    }

    /// <summary>Whom a server sees when a client sends to it: the sender's address.</summary>
    protected async Task<string> SeenByAsync(Socket server, NetworkNamespace client, string to, int port)
    {
        using var socket = Udp(client, Any(to));
        await socket.SendToAsync("ping"u8.ToArray(), new IPEndPoint(IPAddress.Parse(to), port), Patience);
        var buffer = new byte[16];
        var got = await server.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Parse(Any(to)), 0), Patience);
        await server.SendToAsync("pong"u8.ToArray(), got.RemoteEndPoint, Patience);
        var answered = await socket.ReceiveAsync(buffer, Patience);
        Assert.Equal("pong", Encoding.ASCII.GetString(buffer, 0, answered));
        return ((IPEndPoint)got.RemoteEndPoint).Address.ToString();
    }

    /// <summary>Connects over TCP to what ends at that listener; answers whom the listener sees.</summary>
    protected async Task<string> ConnectedAsync(Socket listener, NetworkNamespace client, string to, int port)
    {
        using var socket = Bound(client, SocketType.Stream, ProtocolType.Tcp, Any(to), 0);
        var accepting = listener.AcceptAsync(Patience).AsTask();
        await socket.ConnectAsync(IPAddress.Parse(to), port, Patience);
        using var accepted = await accepting;
        return ((IPEndPoint)accepted.RemoteEndPoint!).Address.ToString();
    }

    protected static string Any(string address) => address.Contains(':', StringComparison.Ordinal) ? "::" : "0.0.0.0";

    private NetworkNamespace MakeHost()
    {
        var space = Quick(Space("host"));
        using var route = RouteSocket.OpenIn(space);
        route.SetUp(1);
        for (var bridge = 1; bridge <= 2; bridge++)
        {
            route.CreateBridge($"br{bridge}");
            SetUp(route, $"br{bridge}", ($"10.{bridge}.0.1", 24), ($"fd00:{bridge}::1", 64));
        }
        return space;
    }

    private NetworkNamespace MakeOutside()
    {
        var space = Quick(Space("outside"));
        using var onHost = RouteSocket.OpenIn(Host);
        onHost.CreateVeth("uplink", "peer");
        onHost.MoveTo(onHost.FindLink("peer")!.Index, space, "eth0");
        SetUp(onHost, "uplink", (HostOutside[0], 24), (HostOutside[1], 64));
        using var inside = RouteSocket.OpenIn(space);
        SetUp(inside, "eth0", (Outsider[0], 24), (Outsider[1], 64));
        AddDefaults(inside, "eth0", HostOutside[0], HostOutside[1]);
        return space;
    }

    private static void SetUp(RouteSocket route, string name, params (string Address, int Length)[] addresses)
    {
        var link = route.FindLink(name)!.Index;
        foreach (var (address, length) in addresses)
            route.AddAddress(link, IPAddress.Parse(address), length);
        route.SetUp(link);
    }

    private static void AddDefaults(RouteSocket route, string name, params string[] gateways)
    {
        foreach (var gateway in gateways.Select(IPAddress.Parse))
            route.AddRoute(new(IPAddress.Parse(Any(gateway.ToString())), 0, gateway, route.FindLink(name)!.Index));
    }

    // Addresses are usable at once, and packets pass.
    private static NetworkNamespace Quick(NetworkNamespace space)
    {
        space.Inside(() =>
        {
            File.WriteAllText("/proc/sys/net/ipv6/conf/all/accept_dad", "0");
            File.WriteAllText("/proc/sys/net/ipv6/conf/default/accept_dad", "0");
            File.WriteAllText("/proc/sys/net/ipv4/ip_forward", "1");
            File.WriteAllText("/proc/sys/net/ipv6/conf/all/forwarding", "1");
        });
        return space;
    }

    private static Socket Bound(NetworkNamespace space, SocketType type, ProtocolType protocol, string address, int port) =>
        space.Inside(() =>
    {
        var to = IPAddress.Parse(address);
        var socket = new Socket(to.AddressFamily, type, protocol);
        socket.Bind(new IPEndPoint(to, port));
        return socket;
    });
}
