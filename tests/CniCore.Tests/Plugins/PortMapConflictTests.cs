using System.Net;
using System.Net.Sockets;
using CniCore.Spec;

namespace CniCore.Tests.Plugins;

/// <summary>Host ports that are taken.</summary>
public sealed class PortMapConflictTests : PortMapTest
{
    [Theory]
    [InlineData("", "")]
    [InlineData("", "10.1.0.1")]
    [InlineData("10.1.0.1", "")]
    [InlineData("10.1.0.1", "10.1.0.1")]
    [InlineData("fd00:1::1", "::")]
    [InlineData("::", "fd00:1::1")]
    [InlineData("0.0.0.0", "")]
    [InlineData("", "", "sctp")]
    public async Task Add_OfAPortThatAnotherHas_IsRefusedInDockersWords(string first, string second, string protocol = "tcp")
    {
        await AddAsync(Attachment with { Keys = Ports(Mapping(first, protocol)) });
        var before = Rules();

        var fault = await Assert.ThrowsAsync<CniPluginException>(() => AddAsync(Attachment with { Number = 3, Keys = Ports("""{ "hostPort": 8081, "containerPort": 81 }, """ + Mapping(second, protocol)) }));
        Assert.Equal($"Bind for {Shown(second)}:8080 failed: port is already allocated", fault.Message);
        Assert.Equal(before, Rules());
    }

    [Theory]
    [InlineData("10.1.0.1", "10.2.0.1")]
    [InlineData("0.0.0.0", "::")]
    [InlineData("10.1.0.1", "fd00:1::1")]
    public async Task Add_OfAPortThatAnotherHasElsewhere_Succeeds(string first, string second)
    {
        await AddAsync(Attachment with { Keys = Ports(Mapping(first)) });
        await AddAsync(Attachment with { Number = 3, Keys = Ports(Mapping(second)) });
    }

    [Fact]
    public async Task Add_OfAPortOfTheOtherProtocol_Succeeds()
    {
        await AddAsync(Attachment with { Keys = Ports(Mapping("", "tcp")) });
        await AddAsync(Attachment with { Number = 3, Keys = Ports(Mapping("", "udp")) });
        await AddAsync(Attachment with { Number = 4, Keys = Ports(Mapping("", "sctp")) });
    }

    [Theory]
    [InlineData("tcp", "0.0.0.0", "")]
    [InlineData("tcp", "127.0.0.1", "")]
    [InlineData("tcp", "::1", "")]
    [InlineData("tcp", "10.1.0.1", "10.1.0.1")]
    [InlineData("udp", "0.0.0.0", "")]
    [InlineData("udp", "fd00:1::1", "fd00:1::1")]
    [InlineData("bound", "0.0.0.0", "")]
    public async Task Add_OfAPortThatAProcessStandsOn_IsRefusedInDockersWords(string protocol, string held, string asked)
    {
        _ = Host;
        using var process = OtherProcess.Start(PathOf("host"), nameof(OtherProcess.Hold), PathOf("ready"), $"{protocol} {held} 8080");
        var keys = Ports(Mapping(asked, protocol == "udp" ? "udp" : "tcp"));

        var fault = await Assert.ThrowsAsync<CniPluginException>(() => AddAsync(Attachment with { Keys = keys }));
        Assert.Equal($"Bind for {Shown(asked)}:8080 failed: port is already allocated", fault.Message);
        Assert.Empty(Rules());
    }

    [Fact]
    public async Task Add_OfAPortThatAProcessHasElsewhere_Succeeds()
    {
        _ = Host;
        using var process = OtherProcess.Start(PathOf("host"), nameof(OtherProcess.Hold), PathOf("ready"), "tcp 10.2.0.1 8080");
        using var held = Listener(Host, "10.1.0.1", 8080);
        await AddAsync(Attachment with { Keys = Ports(Mapping("10.1.0.1")) });
        await Assert.ThrowsAsync<CniPluginException>(() => AddAsync(Attachment with { Number = 3, Keys = Ports(Mapping("")) }));
    }

    [Theory]
    [InlineData("0.0.0.0", "")]
    [InlineData("::", "")]
    [InlineData("10.1.0.1", "10.1.0.1")]
    public async Task Add_OfAPortThatThisProcessHolds_Succeeds(string held, string asked)
    {
        using var tcp = Listener(Host, held, 8080);
        using var udp = Udp(Host, held, 8080);
        await AddAsync(Attachment with { Keys = Ports(Mapping(asked) + "," + Mapping(asked, "udp")) });
    }

    // The network driver's way: bound, and not listening.
    [Fact]
    public async Task Add_OfAPortThatThisProcessIsBoundTo_Succeeds()
    {
        using var held = Host.Inside(() => new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true });
        held.Bind(new IPEndPoint(IPAddress.IPv6Any, 8080));
        held.SetRawSocketOption(1, 2, [0, 0, 0, 0]); // SOL_SOCKET, SO_REUSEADDR
        await AddAsync(Attachment);
    }

    private static string Mapping(string host, string protocol = "tcp") => $$"""{ "hostPort": 8080, "containerPort": 80, "hostIP": "{{host}}", "protocol": "{{protocol}}" }""";

    private static string Shown(string host) => host.Length == 0 ? "0.0.0.0" : host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
}
