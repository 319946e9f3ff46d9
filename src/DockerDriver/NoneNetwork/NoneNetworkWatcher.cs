using CniCore.Spec;
using DockerDriver.Attachments;
using DockerDriver.Background;
using DockerDriver.Engine;
using DockerDriver.Errors;
using DockerDriver.Logging;

namespace DockerDriver.NoneNetwork;

/// <summary>
/// Reconciles label containers at the engine's events. All containers are reconciled at start, after every gap in the event stream, and
/// periodically.
/// </summary>
internal sealed partial class NoneNetworkWatcher(
    NoneNetworkService service, ContainerReconciler reconciler, ContainerLifecycle lifecycle, TimeProvider clock,
    ILogger<NoneNetworkWatcher> log)
    : BackgroundLoop("attachment of none-network containers", clock, log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly Signal gap = new();
    private volatile ContainerWorkQueue? work;

    /// <summary>The engine's events that it subscribes to.</summary>
    public EngineSubscriber Subscriber => new() { StreamStarted = gap.Set, ContainerChanged = Changed };

    /// <summary>
    /// Reconciles a container that was attached before its start: no event follows if the start fails. The engine answers when the start
    /// has ended.
    /// </summary>
    public void Follow(string id) => work?.Start(id);

    /// <summary>Runs before the sockets open: loads the records.</summary>
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
        var work = this.work ??= new ContainerWorkQueue(id => ReconcileAsync(id, stop));
        try
        {
            var onlyDue = false;
            while (true)
            {
                foreach (var id in await service.CandidatesAsync(onlyDue, stop))
                    work.Start(id);
                Succeeded();
                onlyDue = !await gap.WaitAsync(Interval, stop);
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
        if (service.IsRelevant(id, labels))
            Follow(id);
    }

    private async Task ReconcileAsync(string id, CancellationToken stop)
    {
        try
        {
            await reconciler.ReconcileAsync(id, stop);
        }
        catch (OperationCanceledException)
        {
        }
        catch (CniException)
        {
            // a failed DEL has been logged and stored, and is retried after its back-off
        }
        catch (Exception fault)
        {
            Failed(ShortId.Of(id), fault.Message, Interval.TotalSeconds);
        }
    }

    [LoggerMessage(LogLevel.Warning, "container {Container} could not be reconciled: {Reason}; next try within {Seconds} s")]
    private partial void Failed(string container, string reason, double seconds);
}
