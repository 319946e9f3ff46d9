using CniCore.Spec;
using DockerDriver.Attachments;
using DockerDriver.Background;
using DockerDriver.Engine;
using DockerDriver.Errors;
using DockerDriver.Logging;

namespace DockerDriver.NoneNetwork;

/// <summary>
/// Follows Docker's events. They only say that something has happened to a container: what is to be done is judged anew each time.
/// All containers are looked at first, after every gap in the stream, and now and then.
/// </summary>
internal sealed partial class NoneNetworkWatcher(
    NoneNetworkService service, ContainerReconciler reconciler, ContainerLifecycle lifecycle, TimeProvider clock,
    ILogger<NoneNetworkWatcher> log)
    : BackgroundLoop("care for none-network containers", clock, log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly Signal gap = new();
    private volatile ContainerWorkQueue? work;

    /// <summary>What it wants to hear of the engine.</summary>
    public EngineSubscriber Subscriber => new() { Began = gap.Tell, ContainerChanged = Changed };

    /// <summary>
    /// Looks at a container that was attached before its start: when the start then fails the engine says nothing. The engine answers when
    /// the start has ended, one way or the other.
    /// </summary>
    public void Follow(string id) => work?.Start(id);

    /// <summary>Before the sockets open: the state of the last run is read.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        lifecycle.Restore();
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        gap.Dispose();
        base.Dispose();
    }

    protected override async Task RunAsync(CancellationToken stop)
    {
        var work = this.work ??= new ContainerWorkQueue(id => SettleAsync(id, stop));
        try
        {
            var rested = false;
            while (true)
            {
                foreach (var id in await service.ConcernedAsync(rested, stop))
                    work.Start(id);
                Succeeded();
                rested = !await gap.WaitAsync(Interval, stop);
            }
        }
        finally
        {
            if (stop.IsCancellationRequested)
                await work.WhenIdleAsync();
        }
    }

    private void Changed(string id, IDictionary<string, string> labels)
    {
        if (service.MayConcern(id, labels))
            Follow(id);
    }

    private async Task SettleAsync(string id, CancellationToken stop)
    {
        try
        {
            await reconciler.SettleAsync(id, stop);
        }
        catch (OperationCanceledException)
        {
        }
        catch (CniException)
        {
            // a DEL failed: logged and stored where it did, tried again when it has rested
        }
        catch (Exception fault)
        {
            Failed(ShortId.Of(id), fault.Message, Interval.TotalSeconds);
        }
    }

    [LoggerMessage(LogLevel.Warning, "container {Container} could not be looked after: {Reason}; next try in {Seconds} s at most")]
    private partial void Failed(string container, string reason, double seconds);
}
