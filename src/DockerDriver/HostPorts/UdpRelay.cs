using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace DockerDriver.HostPorts;

/// <summary>
/// Datagrams of one published port: each client has a socket of its own towards the container, by which the answers find back.
/// </summary>
internal sealed class UdpRelay(Socket held, IPEndPoint container, Func<bool> enter, Action leave) : IDisposable
{
    private const int LargestDatagram = 64 * 1024;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(90); // docker-proxy's
    private static readonly IPEndPoint Anyone = new(IPAddress.IPv6Any, 0);
    private readonly ConcurrentDictionary<EndPoint, Socket> byClient = new();
    private readonly CancellationTokenSource closed = new();
    private readonly byte[] first = new byte[1];

    /// <summary>Until the socket is closed.</summary>
    public async Task RunAsync()
    {
        while (true)
        {
            // Only looks whether there is one: a port at rest needs no buffer.
            await held.ReceiveFromAsync(first, SocketFlags.Peek, Anyone, closed.Token);
            CarryOne();
        }
    }

    public void Dispose()
    {
        closed.Cancel();
        foreach (var server in byClient.Values)
            server.Dispose();
        closed.Dispose();
    }

    private void CarryOne()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(LargestDatagram);
        try
        {
            EndPoint client = Anyone;
            var count = held.ReceiveFrom(buffer, ref client);
            if ((byClient.GetValueOrDefault(client) ?? Open(client)) is { } server)
                server.Send(buffer.AsSpan(0, count));
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            // datagrams may be lost: the container does not listen, or its socket has been idle and is just closed
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private Socket? Open(EndPoint client)
    {
        if (!enter())
            return null;
        try
        {
            var server = new Socket(container.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            server.Connect(container);
            byClient[client] = server;
            _ = AnswerAsync(client, server);
            return server;
        }
        catch (SocketException)
        {
            leave();
            throw;
        }
    }

    private async Task AnswerAsync(EndPoint client, Socket server)
    {
        var look = new byte[1];
        try
        {
            while (true)
            {
                using var idle = CancellationTokenSource.CreateLinkedTokenSource(closed.Token);
                idle.CancelAfter(Idle);
                await server.ReceiveAsync(look, SocketFlags.Peek, idle.Token);
                AnswerOne(client, server);
            }
        }
        catch (Exception fault) when (fault is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // idle, closed, or the container does not listen: the client's next datagram opens it anew
        }
        finally
        {
            byClient.TryRemove(client, out _);
            server.Dispose();
            leave();
        }
    }

    private void AnswerOne(EndPoint client, Socket server)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(LargestDatagram);
        try
        {
            held.SendTo(buffer.AsSpan(0, server.Receive(buffer)), client);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
