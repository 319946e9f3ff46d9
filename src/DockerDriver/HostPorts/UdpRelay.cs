using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace DockerDriver.HostPorts;

/// <summary>
/// Relays the datagrams of one published port. Each client has its own socket towards the container, by which answers are returned.
/// </summary>
internal sealed class UdpRelay(Socket held, IPEndPoint container, Func<bool> enter, Action leave) : IDisposable
{
    private const int MaxDatagram = 64 * 1024;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(90); // docker-proxy's
    private static readonly IPEndPoint Anyone = new(IPAddress.IPv6Any, 0);
    private readonly ConcurrentDictionary<EndPoint, Socket> byClient = new();
    private readonly CancellationTokenSource closed = new();
    private readonly byte[] first = new byte[1];

    /// <summary>Runs until the socket is closed.</summary>
    public async Task RunAsync()
    {
        while (true)
        {
            // Waits with a peek, so that an idle port needs no buffer.
            await held.ReceiveFromAsync(first, SocketFlags.Peek, Anyone, closed.Token);
            ForwardOne();
        }
    }

    public void Dispose()
    {
        closed.Cancel();
        foreach (var server in byClient.Values)
            server.Dispose();
        closed.Dispose();
    }

    private void ForwardOne()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxDatagram);
        try
        {
            EndPoint client = Anyone;
            var count = held.ReceiveFrom(buffer, ref client);
            if ((byClient.GetValueOrDefault(client) ?? Open(client)) is { } server)
                server.Send(buffer.AsSpan(0, count));
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            // a datagram may be lost: the container does not listen, or the idle socket has just been closed
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
                ReplyOne(client, server);
            }
        }
        catch (Exception fault) when (fault is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // idle, closed, or the container does not listen: the client's next datagram opens another socket
        }
        finally
        {
            byClient.TryRemove(client, out _);
            server.Dispose();
            leave();
        }
    }

    private void ReplyOne(EndPoint client, Socket server)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxDatagram);
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
