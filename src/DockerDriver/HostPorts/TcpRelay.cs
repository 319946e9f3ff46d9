using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace DockerDriver.HostPorts;

/// <summary>Relays one connection to the container, in both directions.</summary>
internal static class TcpRelay
{
    private const int BufferSize = 16 * 1024;
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);

    /// <summary>Runs until both sides have closed, or one has failed.</summary>
    public static async Task RunAsync(Socket client, IPEndPoint container, CancellationToken cancel)
    {
        using var server = new Socket(container.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using (var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel))
        {
            limit.CancelAfter(ConnectLimit);
            await server.ConnectAsync(container, limit.Token);
        }
        client.NoDelay = server.NoDelay = true;
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAll(CopyAsync(client, server, broken), CopyAsync(server, client, broken));
    }

    private static async Task CopyAsync(Socket from, Socket to, CancellationTokenSource broken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (await from.ReceiveAsync(buffer, broken.Token) is > 0 and var count)
            {
                for (var sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), broken.Token);
            }
            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            await broken.CancelAsync();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
