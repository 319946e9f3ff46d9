using System.Net;
using System.Net.Sockets;
using System.Text;
using DockerDriver.Hosting;

namespace DockerDriver.Tests;

/// <summary>A daemon of its own for each test, called as Docker calls it: over a real socket, POST, no Content-Type.</summary>
public abstract class PluginSocketTest : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;
    private readonly CancellationTokenSource stop = new();
    private Task daemon = Task.CompletedTask;
    private HttpClient docker = new();

    private protected Settings Settings => new()
    {
        PluginSocket = Path.Combine(folder, "cni.sock"),
        AdminSocket = Path.Combine(folder, "admin.sock"),
        StateDir = Path.Combine(folder, "state"),
        RunDir = Path.Combine(folder, "run"),
        ConfDir = Path.Combine(folder, "conf"),
        LogLevel = "error",
    };

    public async ValueTask InitializeAsync()
    {
        var listening = new TaskCompletionSource();
        daemon = Daemon.RunAsync(Settings, stop.Token, listening.SetResult);
        await Task.WhenAny(daemon, listening.Task);
        docker = new(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Settings.PluginSocket), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        docker.Dispose();
        await stop.CancelAsync();
        await daemon.ContinueWith(_ => { }, TaskScheduler.Default);
        stop.Dispose();
        Directory.Delete(folder, recursive: true);
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
