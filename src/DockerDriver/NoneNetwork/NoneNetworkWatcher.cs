using System.Threading.Channels;
using CniCore.Linux;
using CniCore.Spec;
using DockerDriver.Background;
using DockerDriver.Engine;
using DockerDriver.Errors;
using DockerDriver.Logging;
using DockerDriver.NetworkDriver;

namespace DockerDriver.NoneNetwork;

/// <summary>
/// Follows Docker's events. They only say that something has happened to a container: what is to be done is judged anew each time.
/// All containers are looked at first, after every gap in the stream, and now and then.
/// </summary>
internal sealed partial class NoneNetworkWatcher(NoneNetworkService service, EngineClient engine, EndpointCount count, TimeProvider clock,
    ILogger<NoneNetworkWatcher> log) : BackgroundLoop("care for none-network containers", clock, log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private volatile ContainerWork? work;

    /// <summary>
    /// Looks at a container that was attached before its start: when the start then fails the engine says nothing. The engine answers when
    /// the start has ended, one way or the other.
    /// </summary>
    public void Follow(string id) => work?.Start(id);

    /// <summary>Before the sockets open: the state of the last run is read.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        service.Restore();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task RunAsync(CancellationToken stop)
    {
        var work = this.work ??= new ContainerWork(id => SettleAsync(id, stop));
        try
        {
            await FollowAsync(work, stop);
            throw new EngineException("its stream of events has ended"); // as it does when it is restarted
        }
        finally
        {
            if (stop.IsCancellationRequested)
                await work.WhenIdleAsync();
        }
    }

    private async Task FollowAsync(ContainerWork work, CancellationToken stop)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var changed = Channel.CreateUnbounded<string>();
        var stream = engine.FollowAsync(new(changed.Writer, service.MayConcern, count.Departed), ends.Token);
        _ = stream.ContinueWith(ended => changed.Writer.TryComplete(ended.Exception?.InnerException), CancellationToken.None,
            TaskContinuationOptions.None, TaskScheduler.Default);
        using var timer = new PeriodicTimer(Interval, Clock);
        var looks = LookAtAllAsync(work, timer, changed.Writer, ends.Token);
        try
        {
            await foreach (var id in changed.Reader.ReadAllAsync(stop))
                work.Start(id);
        }
        finally
        {
            count.HearsNoMore();
            await ends.CancelAsync();
            await looks;
        }
    }

    private async Task LookAtAllAsync(ContainerWork work, PeriodicTimer timer, ChannelWriter<string> stream, CancellationToken cancel)
    {
        try
        {
            var rested = false;
            do
            {
                foreach (var id in await service.ConcernedAsync(rested, cancel))
                    work.Start(id);
                rested = true;
                Succeeded();
            }
            while (await timer.WaitForNextTickAsync(cancel));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
        }
        catch (Exception fault)
        {
            stream.TryComplete(fault); // begin anew, with both
        }
    }

    private async Task SettleAsync(string id, CancellationToken stop)
    {
        try
        {
            await service.SettleAsync(id, stop);
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
