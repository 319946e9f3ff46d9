using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Processes;

namespace DockerDriver.HostPorts;

/// <summary>
/// Proxies published ports from IPv6, on <c>[::1]</c> and on the host's IPv6 addresses, to a container that has IPv4 only, as docker-proxy
/// does: the kernel cannot translate between the families. The container sees its gateway as the client. One proxy for all ports, with a
/// limit of clients.
/// </summary>
internal sealed partial class PortProxy(ILogger<PortProxy> log)
{
    private const int Backlog = 128;
    private const int MaxClients = 1024;
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);
    private readonly int maxClients = (int)Math.Clamp(OpenFileLimit.Current / 16, 1, MaxClients);
    private int clients;
    private int isFull;

    /// <summary>Serves on this socket until it is closed.</summary>
    /// <param name="held">Bound to an IPv6 address, or to all addresses of both families.</param>
    /// <param name="container">The container's IPv4 address and port.</param>
    public void Serve(Socket held, IPEndPoint container) =>
        _ = held.SocketType == SocketType.Stream ? ServeTcpAsync(held, container) : ServeUdpAsync(held, container);

    private async Task ServeTcpAsync(Socket listener, IPEndPoint container)
    {
        using var closed = new CancellationTokenSource();
        try
        {
            PortSocket.Listen(listener, Backlog);
            while (true)
                await AcceptAsync(listener, container, closed.Token);
        }
        catch (Exception fault)
        {
            if (!IsClosed(fault))
                NotServed(container, fault.Message);
        }
        await closed.CancelAsync();
    }

    private async Task AcceptAsync(Socket listener, IPEndPoint container, CancellationToken closed)
    {
        try
        {
            var client = await listener.AcceptAsync(closed);
            PortSocket.AllowRebind(client);
            if (TryEnter(container))
                _ = RelayAsync(client, container, closed);
            else
                client.Dispose();
        }
        catch (SocketException fault)
            when (fault.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.ConnectionAborted or SocketError.ConnectionReset)
        {
            await Task.Delay(AcceptPause, closed); // there is no event for a free descriptor
        }
    }

    private async Task RelayAsync(Socket client, IPEndPoint container, CancellationToken closed)
    {
        try
        {
            using (client)
                await TcpRelay.RunAsync(client, container, closed);
        }
        catch (Exception fault) when (fault is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // the container refused, or one side closed its connection: so is the other's
        }
        finally
        {
            Leave();
        }
    }

    private async Task ServeUdpAsync(Socket held, IPEndPoint container)
    {
        using var relay = new UdpRelay(held, container, () => TryEnter(container), Leave);
        try
        {
            await relay.RunAsync();
        }
        catch (Exception fault)
        {
            if (!IsClosed(fault))
                NotServed(container, fault.Message);
        }
    }

    private bool TryEnter(IPEndPoint container)
    {
        if (Interlocked.Increment(ref clients) <= maxClients)
            return true;
        Interlocked.Decrement(ref clients);
        if (Interlocked.Exchange(ref isFull, 1) == 0)
            Full(maxClients, container);
        return false;
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref clients) < maxClients / 2)
            Interlocked.Exchange(ref isFull, 0);
    }

    private static bool IsClosed(Exception fault) =>
        fault is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.Interrupted };

    [LoggerMessage(
        LogLevel.Warning,
        "host IPv6 to container IPv4: the limit of {MaxClients} clients is reached, others are refused (the first for {Container})")]
    private partial void Full(int maxClients, IPEndPoint container);

    [LoggerMessage(LogLevel.Error, "host IPv6 to container IPv4: {Container} is no longer served: {Reason}")]
    private partial void NotServed(IPEndPoint container, string reason);
}
