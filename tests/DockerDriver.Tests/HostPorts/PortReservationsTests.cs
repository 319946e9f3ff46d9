using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DockerDriver.Errors;
using DockerDriver.HostPorts;
using DockerDriver.Protocol;
using DockerDriver.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.Tests.HostPorts;

/// <summary>Host ports of this process's netns; the kernel chooses those without a number.</summary>
public sealed class PortReservationsTests : IDisposable
{
    private const int Tcp = 6;
    private readonly PortReservations ports = new(new PortProxy(NullLogger<PortProxy>.Instance));

    // Of TEST-NET-3 (RFC 5737): no host has it.
    private static readonly PublishedPort OnAnAddressThatHasGone = new("tcp", "203.0.113.77", 8080, 80);

    public void Dispose()
    {
        foreach (var owner in new[] { "one", "two", "three", "four" })
            ports.Release(owner);
    }

    [Fact]
    public void Reclaim_WhereTheAddressIsGone_ReportsItAsLost_AndHoldsTheOthers()
    {
        var held = ports.Take("one", "", [new PortBinding(Tcp, 80, "127.0.0.1")]);
        ports.Release("one");
        Assert.Equal([OnAnAddressThatHasGone], ports.Reclaim("one", "", [OnAnAddressThatHasGone, .. held]));
        Assert.False(CanBind(IPAddress.Loopback, held[0].HostPort));
    }

    [Fact]
    public void Take_WhereTheAddressIsNotThere_IsRefusedByName() => Assert.StartsWith(
        "Bind for 203.0.113.77:8080 failed: ", Refusal(new PortBinding(Tcp, 80, "203.0.113.77", 8080, 8080)), StringComparison.Ordinal);

    [Theory]
    [InlineData("", true, true)]
    [InlineData("0.0.0.0", true, false)]
    [InlineData("::", false, true)]
    public void A8_HostAddress_HoldsItsFamilyAlone(string host, bool holdsV4, bool holdsV6)
    {
        var port = ports.Take("one", "", [new PortBinding(Tcp, 80, host)])[0].HostPort;
        Assert.Equal((!holdsV4, !holdsV6), (CanBind(IPAddress.Any, port), CanBind(IPAddress.IPv6Any, port)));
    }

    [Fact]
    public void A8_BothFamilies_AreTwoPorts_ThatAnotherCannotHave()
    {
        var port = ports.Take("one", "", [new PortBinding(Tcp, 80, "0.0.0.0")])[0].HostPort;
        ports.Take("one", "", [new PortBinding(Tcp, 80, "::", port, port)]);
        Assert.Equal($"Bind for 0.0.0.0:{port} failed: port is already allocated", Refusal(new PortBinding(Tcp, 80, "", port, port)));
        Assert.Equal($"Bind for [::]:{port} failed: port is already allocated", Refusal(new PortBinding(Tcp, 80, "::", port, port)));
        Assert.Equal($"Bind for 127.0.0.1:{port} failed: port is already allocated",
            Refusal(new PortBinding(Tcp, 80, "127.0.0.1", port, port)));
    }

    [Fact]
    public void A8_PortOfTheSameSandbox_IsSkipped()
    {
        var held = ports.Take("one", "sandbox", [new PortBinding(Tcp, 80, "127.0.0.1")])[0];
        Assert.Empty(ports.Take("two", "sandbox", [new PortBinding(Tcp, 80, "127.0.0.1", held.HostPort, held.HostPort)]));
        Assert.Empty(ports.Take("two", "sandbox", [new PortBinding(Tcp, 80, "127.0.0.1")]));
        ports.Release("one");
        ports.Release("two");
        Assert.Equal([held], ports.Take("two", "sandbox", [new PortBinding(Tcp, 80, "127.0.0.1", held.HostPort, held.HostPort)]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void B_PortsOfOneContainerPort_AreAsManyAsAreAskedFor(bool namedFirst)
    {
        var named = ports.Take("one", "", [new PortBinding(Tcp, 80)])[0].HostPort;
        ports.Release("one");
        PortBinding[] wanted = [new(Tcp, 80, "", named, named), new(Tcp, 80), new(Tcp, 80)];
        if (!namedFirst)
            Array.Reverse(wanted);

        var held = ports.Take("one", "sandbox", wanted);

        Assert.Equal(3, held.Select(port => port.HostPort).Distinct().Count());
        Assert.Equal(named, held[namedFirst ? 0 : 2].HostPort);
        Assert.True(ports.Covers("one", "sandbox", wanted));
        Assert.False(ports.Covers("one", "sandbox", [.. wanted, new(Tcp, 80)]));
        Assert.Empty(ports.Take("two", "sandbox", wanted));
        Assert.Equal(["::", "::"], ports.Take("three", "split", [new(Tcp, 81, "0.0.0.0"), new(Tcp, 81, "0.0.0.0")]) is { Count: 2 }
            ? ports.Take("four", "split", [new(Tcp, 81), new(Tcp, 81)]).Select(port => port.HostIp) : []);
    }

    [Theory]
    [InlineData("0.0.0.0", "", "::")]
    [InlineData("::", "", "0.0.0.0")]
    [InlineData("", "0.0.0.0", null)]
    [InlineData("", "::", null)]
    public void D_WhatTheSameSandboxHasInOneFamily_IsTakenInTheOther(string host, string wanted, string? taken)
    {
        var port = ports.Take("one", "sandbox", [new PortBinding(Tcp, 80, host)])[0].HostPort;
        Assert.Equal(taken is null
            ? []
            : [taken], ports.Take("two", "sandbox", [new PortBinding(Tcp, 80, wanted, port, port)]).Select(published => published.HostIp));
    }

    [Fact]
    public void D_Suffices_UntilTheOtherFamilyIsFree()
    {
        var port = ports.Take("one", "sandbox", [new PortBinding(Tcp, 80, "0.0.0.0")])[0].HostPort;
        ports.Take("two", "sandbox", [new PortBinding(Tcp, 80, "::", port, port)]);
        IReadOnlyList<PortBinding> both = [new PortBinding(Tcp, 80, "", port, port)];
        Assert.True(ports.Covers("one", "sandbox", both));
        ports.Release("two");
        Assert.False(ports.Covers("one", "sandbox", both));
        Assert.False(ports.Covers("one", "sandbox", [new PortBinding(Tcp, 80, "::", port, port)])); // it holds IPv4
        Assert.True(ports.Covers("one", "sandbox", [new PortBinding(Tcp, 80, "0.0.0.0")]));
    }

    // Bound by another process, with or without listening.
    [Theory]
    [InlineData("s.listen()")]
    [InlineData("pass")]
    public void A8_PortThatAProcessHolds_IsRefusedByTheDaemon(string then)
    {
        using var other = Process.Start(new ProcessStartInfo("python3", ["-c", "import socket,sys; s=socket.socket(); "
            + $"s.bind(('0.0.0.0',0)); {then}; print(s.getsockname()[1],flush=True); sys.stdin.read()"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var port = int.Parse(other.StandardOutput.ReadLine()!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal($"Bind for 0.0.0.0:{port} failed: port is already allocated", Refusal(new PortBinding(Tcp, 80, "", port, port)));
        other.StandardInput.Close();
        other.WaitForExit();
    }

    [Fact]
    public async Task A8_ServedPort_CarriesIPv6ToTheContainersIPv4()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var container = new TcpListener(IPAddress.Loopback, 0);
        container.Start();
        var port = ports.Take("one", "", [new PortBinding(Tcp, ((IPEndPoint)container.LocalEndpoint).Port)])[0].HostPort;
        ports.Serve("one", IPAddress.Loopback);

        using var client = new TcpClient(AddressFamily.InterNetworkV6);
        await client.ConnectAsync(IPAddress.IPv6Loopback, port, cancel);
        using var server = await container.AcceptTcpClientAsync(cancel);
        var (asked, answered) = (client.GetStream(), server.GetStream());
        await asked.WriteAsync("ping"u8.ToArray(), cancel);
        client.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal("ping", await new StreamReader(answered, leaveOpen: true).ReadToEndAsync(cancel));
        await answered.WriteAsync("pong"u8.ToArray(), cancel); // one direction has ended, the other has not
        server.Close();
        Assert.Equal("pong", await new StreamReader(asked).ReadToEndAsync(cancel));

        ports.Release("one");
        using var late = new TcpClient(AddressFamily.InterNetworkV6);
        await Assert.ThrowsAsync<SocketException>(() => late.ConnectAsync(IPAddress.IPv6Loopback, port, cancel).AsTask());
    }

    [Fact]
    public async Task A8_ServedUdpPort_CarriesDatagramsBothWays()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var container = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ports.Take("one", "", [new PortBinding(17, ((IPEndPoint)container.Client.LocalEndPoint!).Port)])[0].HostPort;
        ports.Serve("one", IPAddress.Loopback);

        using var client = new UdpClient(AddressFamily.InterNetworkV6);
        client.Connect(IPAddress.IPv6Loopback, port);
        foreach (var word in (string[])["first", "second"])
        {
            await client.SendAsync(Encoding.ASCII.GetBytes(word), cancel);
            var got = await container.ReceiveAsync(cancel);
            await container.SendAsync(got.Buffer, got.RemoteEndPoint, cancel);
            Assert.Equal(word, Encoding.ASCII.GetString((await client.ReceiveAsync(cancel)).Buffer));
        }
    }

    [Fact]
    public void A1_Ports_AreShownAsRanges() => Assert.Equal(
        "0.0.0.0:53->53/udp, 0.0.0.0:80->8080/tcp, 0.0.0.0:21000-21299->21000-21299/tcp, 0.0.0.0:21300->80/tcp, "
        + "[::]:21000-21001->21000-21001/tcp",
        string.Join(", ", PortRanges.Text(
        [
            .. Enumerable.Range(21000, 300).Reverse().Select(port => new PublishedPort("tcp", "", port, port)),
            new("tcp", "", 21300, 80), new("udp", "", 53, 53), new("tcp", "::", 21000, 21000), new("tcp", "::", 21001, 21001),
                new("tcp", "", 80, 8080),
        ]).Split(", ").OrderBy(text => text.EndsWith("udp", StringComparison.Ordinal) ? 0 : 1)));

    private string Refusal(PortBinding binding) => Assert.Throws<RefusedException>(() => ports.Take("two", "", [binding])).Message;

    // As most programs bind; .NET's Bind sets SO_REUSEADDR.
    private static bool CanBind(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = false;
            socket.Bind(new IPEndPoint(address, port));
            socket.SetRawSocketOption(1, 2, [0, 0, 0, 0]);
            socket.Listen();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
