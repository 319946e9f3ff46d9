using DockerDriver.Configuration;
using DockerDriver.Startup;

namespace DockerDriver.Tests;

/// <summary>
/// A daemon of its own for each test, with all that it writes in one folder. Its engine is not there, unless a test plays one.
/// </summary>
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
