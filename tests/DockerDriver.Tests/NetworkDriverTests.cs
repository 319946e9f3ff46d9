using System.Net;
using System.Net.Sockets;
using System.Text;
using DockerDriver.Hosting;

namespace DockerDriver.Tests;

/// <summary>The driver over a real socket, called as Docker calls it: POST, no Content-Type.</summary>
public sealed class NetworkDriverTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;
    private readonly CancellationTokenSource stop = new();
    private Task daemon = Task.CompletedTask;
    private HttpClient docker = new();

    private Settings Settings => new()
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
        docker.Dispose();
        await stop.CancelAsync();
        await daemon.ContinueWith(_ => { }, TaskScheduler.Default);
        stop.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Activate_SaysNetworkDriver() =>
        Assert.Equal((HttpStatusCode.OK, """{"Implements":["NetworkDriver"]}"""), await PostAsync("Plugin.Activate", ""));

    [Fact]
    public async Task GetCapabilities_IsLocal() =>
        Assert.Contains("\"Scope\":\"local\"", (await PostAsync("NetworkDriver.GetCapabilities", "")).Body, StringComparison.Ordinal);

    [Theory]
    [InlineData("NetworkDriver.CreateEndpoint", "")]
    [InlineData("NetworkDriver.Join", "")]
    [InlineData("NetworkDriver.Leave", "")]
    [InlineData("NetworkDriver.CreateNetwork", "{ not json")]
    [InlineData("NetworkDriver.CreateNetwork", "{}")]
    [InlineData("NetworkDriver.CreateNetwork", "null")]
    public async Task Call_WithoutAUsableBody_IsRefused(string method, string body)
    {
        var (status, answer) = await PostAsync(method, body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith($$"""{"Err":"{{method}}: """, answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Leave")]
    [InlineData("DeleteEndpoint")]
    [InlineData("EndpointOperInfo")]
    [InlineData("ProgramExternalConnectivity")]
    [InlineData("RevokeExternalConnectivity")]
    [InlineData("DeleteNetwork")]
    public async Task Call_ForSomethingUnknown_IsDoneAlready(string method)
    {
        var (status, answer) = await PostAsync($"NetworkDriver.{method}", """{"NetworkID":"n1","EndpointID":"e1"}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.DoesNotContain("Err", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CreateEndpoint")]
    [InlineData("Join")]
    public async Task Call_ThatNeedsSomethingUnknown_IsRefusedByName(string method)
    {
        var (status, answer) = await PostAsync($"NetworkDriver.{method}", """{"NetworkID":"n1","EndpointID":"e1"}""");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("is not known to cnid", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateNetwork_UnknownOption_IsNamed() => Assert.Contains("colour", (await PostAsync(
        "NetworkDriver.CreateNetwork", """{"NetworkID":"n1","Options":{"com.docker.network.generic":{"colour":"red"}},"IPv4Data":[]}""")).Body, StringComparison.Ordinal);

    [Fact]
    public async Task Id_ThatIsAPath_IsRefused() =>
        Assert.Contains("Err", (await PostAsync("NetworkDriver.CreateNetwork", """{"NetworkID":"../../x"}""")).Body, StringComparison.Ordinal);

    [Fact]
    public async Task Body_OverOneMebibyte_IsRefused() => Assert.Equal(
        HttpStatusCode.RequestEntityTooLarge, (await PostAsync("NetworkDriver.Leave", $$"""{"NetworkID":"{{new string('x', 1 << 20)}}"}""")).Status);

    [Fact]
    public async Task Method_ThatIsNone_IsNotFound() => Assert.Equal(HttpStatusCode.NotFound, (await PostAsync("NetworkDriver.Fly", "{}")).Status);

    [Fact]
    public void Socket_IsItsOwnersAlone() => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Settings.PluginSocket));

    [Fact]
    public async Task SecondDaemon_OnTheSameSocket_IsRefused() => await Assert.ThrowsAsync<SettingsException>(() => Daemon.RunAsync(Settings, stop.Token));

    private async Task<(HttpStatusCode Status, string Body)> PostAsync(string method, string body)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://plugin.moby.localhost/{method}") { Content = content };
        request.Headers.ExpectContinue = body.Length > 1000; // what is refused unread may be cut off
        using var answer = await docker.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
