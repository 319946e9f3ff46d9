using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DockerDriver.Tests;

/// <summary>A daemon that is called as Docker calls it: over a unix socket, with POST, without a Content-Type.</summary>
public abstract class PluginSocketTest : DaemonTest
{
    private readonly HttpClient docker;

    protected PluginSocketTest() => docker = new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancel) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Settings.PluginSocket), cancel);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        docker.Dispose();
        await base.DisposeAsync();
    }

    protected async Task<(HttpStatusCode Status, string Body)> PostAsync(string method, string body)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://plugin.moby.localhost/{method}") { Content = content };
        request.Headers.ExpectContinue = body.Length > 1000; // what is refused unread may be cut off
        using var answer = await docker.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
