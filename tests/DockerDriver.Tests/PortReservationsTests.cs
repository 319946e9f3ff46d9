using System.Net;
using System.Net.Sockets;
using DockerDriver.Networks;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.Tests;

public sealed class PortReservationsTests : IDisposable
{
    private readonly PortReservations ports = new();

    // Of TEST-NET-3 (RFC 5737): no host has it.
    private static readonly PublishedPort OnAnAddressThatHasGone = new("tcp", "203.0.113.77", 8080, 80);

    public void Dispose()
    {
        ports.Release("one");
        ports.Release("two");
    }

    [Fact]
    public void TakeAgain_WhereTheAddressHasGone_AnswersItAsLost_AndHoldsTheOthers()
    {
        var held = ports.Take("one", "", [new PortBinding(6, 80, "127.0.0.1")]);
        ports.Release("one");
        Assert.Equal([OnAnAddressThatHasGone], ports.TakeAgain("one", "", [OnAnAddressThatHasGone, .. held]));
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Assert.Throws<SocketException>(() => other.Bind(new IPEndPoint(IPAddress.Loopback, held[0].HostPort)));
    }

    [Fact]
    public void Take_WhereTheAddressIsNotThere_IsRefusedByName() => Assert.StartsWith(
        "Bind for 203.0.113.77:8080 failed: ", Assert.Throws<RefusedException>(() => ports.Take("two", "", [new PortBinding(6, 80, "203.0.113.77", 8080, 8080)])).Message, StringComparison.Ordinal);
}
