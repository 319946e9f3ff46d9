using System.Net.Sockets;
using Docker.DotNet.Handler.Abstractions;

namespace DockerDriver.Engine;

/// <summary>
/// The way to the engine's API: HTTP/1.1 on the Unix socket, or plain TCP, that the setting <c>docker-host</c> names. The client's own
/// transports speak TLS, Windows' pipes and HTTP/2 too; without them, these are not linked.
/// </summary>
internal sealed class EngineTransport : IDockerHandlerFactory<EngineTransport.Options>, IStreamHijacker
{
    /// <summary>The transport has none: the address says everything.</summary>
    public sealed record Options;

    /// <inheritdoc/>
    public ResolvedTransport CreateHandler(ResolvedClientOptions clientOptions, ILogger logger) =>
        CreateHandler(new(), clientOptions, logger);

    /// <inheritdoc/>
    public ResolvedTransport CreateHandler(Options transportOptions, ResolvedClientOptions clientOptions, ILogger logger)
    {
        var address = clientOptions.Endpoint;
        var handler = new SocketsHttpHandler { UseProxy = false, UseCookies = false };
        if (address.Scheme != "unix")
            return new(new LimitedAnswers(handler), new UriBuilder(address) { Scheme = "http" }.Uri);
        handler.ConnectCallback = (_, cancel) => ConnectAsync(address.LocalPath, cancel);
        return new(new LimitedAnswers(handler), new("http://docker/"));
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException fault)
        {
            socket.Dispose();
            throw new IOException(fault.SocketErrorCode switch
            {
                SocketError.AddressNotAvailable => "there is no such socket", // .NET's word for ENOENT
                SocketError.ConnectionRefused => "nobody listens there",
                SocketError.AccessDenied => "permission denied",
                _ => fault.Message,
            }, fault);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Only calls that attach to a container need it; cnid makes none.</summary>
    public Task<WriteClosableStream> HijackStreamAsync(HttpContent content) => throw new NotSupportedException();
}
