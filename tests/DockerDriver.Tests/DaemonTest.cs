using DockerDriver.Configuration;
using DockerDriver.Startup;

namespace DockerDriver.Tests;

/// <summary>A separate daemon for each test, with all of its files in one folder. There is no engine unless a test provides one.</summary>
public abstract class DaemonTest : IAsyncLifetime
{
    private readonly CancellationTokenSource stop = new();

    protected string Folder { get; } = Directory.CreateTempSubdirectory().FullName;

    protected string EngineSocket => Path.Combine(Folder, "docker.sock");

    /// <summary>Completes when it ends.</summary>
    protected Task Served { get; private set; } = Task.CompletedTask;

    private protected Settings Settings => new()
    {
        PluginSocket = Path.Combine(Folder, "cni.sock"),
        AdminSocket = Path.Combine(Folder, "admin.sock"),
        StateDir = Path.Combine(Folder, "state"),
        RunDir = Path.Combine(Folder, "run"),
        ConfDir = Path.Combine(Folder, "conf"),
        DockerHost = "unix://" + EngineSocket,
        LogLevel = "error",
    };

    public async ValueTask InitializeAsync()
    {
        var listening = new TaskCompletionSource();
        Served = Daemon.RunAsync(Settings, stop.Token, listening.SetResult);
        await await Task.WhenAny(Served, listening.Task);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await stop.CancelAsync();
        await Served.ContinueWith(_ => { }, TaskScheduler.Default);
        stop.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
