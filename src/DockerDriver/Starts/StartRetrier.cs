using DockerDriver.Background;
using DockerDriver.Engine;
using DockerDriver.Errors;
using DockerDriver.Logging;
using DockerDriver.State;

namespace DockerDriver.Starts;

/// <summary>
/// Starts containers again whose start failed for want of their network, or that cnid stopped for it, where a restart policy says that
/// they are to run. Docker retries no start that has failed: after a reboot with a network that is a minute late they would stay down for
/// good. One that somebody has started or changed since, or whose error is not ours, is left alone.
/// </summary>
internal sealed partial class StartRetrier(
    EngineClient engine, FailedStarts starts, Boot boot, TimeProvider clock, ILogger<StartRetrier> log)
    : BackgroundLoop("start of containers whose network was late", clock, log)
{
    private const int AtOnce = 4;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A start ends shortly after our refusal; an inspect waits for it. What no container has by then was a first run, or is removed.
    private static readonly TimeSpan[] Looks = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4)];

    // A container that the engine does not know may be another engine's, for a moment; and what has started is settled by then.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private readonly Dictionary<string, int> looked = new(StringComparer.Ordinal);

    /// <summary>Before the sockets open: the state of the last run is read.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        starts.Restore();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, Clock);
        do
        {
            starts.TakeIn();
            await FindContainersAsync(stop);
            var some = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop };
            await Parallel.ForEachAsync(starts.All.Where(IsDue), some, TryAsync);
            Succeeded();
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    private bool IsDue(StoredStart start) => start is { Container: not null, Fingerprint.Length: > 0 }
        && (start.IsForNextBoot ? start.Boot != boot.Id : !Clock.IsInFuture(start.NextTry));

    // Docker tells a driver no container. The one whose error has our mark is it.
    private async Task FindContainersAsync(CancellationToken cancel)
    {
        List<StoredStart> open = [.. starts.All.Where(IsToBeFound)];
        if (open.Count == 0)
            return;
        foreach (var id in await engine.ExitedAsync(cancel))
        {
            if (await InspectAsync(id, cancel) is { Error.Length: > 0 } seen && open.Find(one => IsMarked(seen, one)) is { } start)
            {
                open.Remove(start);
                Found(start, seen);
            }
        }
        foreach (var start in open)
        {
            looked[start.Id] = looked.GetValueOrDefault(start.Id) + 1;
            if (looked[start.Id] == Looks.Length)
                starts.Remove(start);
        }
        foreach (var gone in looked.Keys.Except(starts.All.Select(start => start.Id)).ToList())
            looked.Remove(gone);
    }

    private bool IsToBeFound(StoredStart start) => start.Fingerprint.Length == 0
        && Clock.Since(start.FailedAt) >= Looks[Math.Min(looked.GetValueOrDefault(start.Id), Looks.Length - 1)];

    // Null too for one about which the engine does not answer: that keeps nobody else waiting for good.
    private async Task<EngineContainer?> InspectAsync(string id, CancellationToken cancel)
    {
        try
        {
            return await engine.InspectAsync(id, cancel);
        }
        catch (EngineException fault)
        {
            NotInspected(ShortId.Of(id), fault.Message);
            return null;
        }
    }

    private void Found(StoredStart start, EngineContainer seen)
    {
        if (!seen.HasExited || !seen.HasPolicy)
        {
            starts.Remove(start);
            return;
        }
        var tries = starts.Of(seen.Id) is { } earlier && earlier.Id != start.Id ? earlier.Tries + 1 : start.Tries;
        foreach (var other in starts.All.Where(other => other.Container == seen.Id && other.Id != start.Id))
            starts.Remove(other);
        var pause = BackOff.OfStart.After(tries + 1);
        starts.Save(start with
        {
            Container = seen.Id,
            Name = seen.Name,
            Fingerprint = seen.Fingerprint,
            Tries = tries,
            NextTry = Clock.GetUtcNow() + pause,
        });
        if (tries == 0)
            Waits(seen.Name, start.Reason, pause.TotalSeconds);
        else
            StillWaits(seen.Name, start.Reason, pause.TotalSeconds);
    }

    private async ValueTask TryAsync(StoredStart start, CancellationToken cancel)
    {
        using var scope = Log.BeginAttachment(start.Container!);
        var seen = await InspectAsync(start.Container!, cancel);
        if (seen is null)
        {
            if (Clock.Since(start.FailedAt) > Patience)
                starts.Remove(start);
            else
                starts.Save(start with { NextTry = Clock.GetUtcNow() + BackOff.OfStart.After(start.Tries + 2), Tries = start.Tries + 1 });
            return;
        }
        if (!IsAsItWas(start, seen))
        {
            LeftAlone(start.Name);
            starts.Remove(start);
            return;
        }
        if (seen.LostNetwork is { } lost)
        {
            Lost(start.Name, lost);
            starts.Remove(start);
            return;
        }
        // Before the start: another one is not to follow at once where cnid is killed meanwhile. What fails again has a mark of its own.
        starts.Save(start with { NextTry = Clock.GetUtcNow() + BackOff.OfStart.After(start.Tries + 2), IsForNextBoot = false,
            Boot = boot.Id });
        try
        {
            StartsAgain(start.Name);
            await engine.StartAsync(start.Container!, cancel);
        }
        catch (EngineException fault)
        {
            NotStarted(start.Name, fault.Message);
            return;
        }
        if (!start.WasStopped && starts.Of(start.Container!) is { } current && current.Id == start.Id)
            starts.Remove(start); // that of a container that was stopped goes when it has its networks
    }

    // An unmarked failure of a start is not ours, whoever tried it.
    private static bool IsAsItWas(StoredStart start, EngineContainer seen) => seen is { HasExited: true, HasPolicy: true }
        && seen.Fingerprint == start.Fingerprint && (start.WasStopped ? seen.Error.Length == 0 : IsMarked(seen, start));

    private static bool IsMarked(EngineContainer seen, StoredStart start) => seen.Error.Contains(start.Id, StringComparison.Ordinal);

    [LoggerMessage(
        LogLevel.Warning, "container {Container} did not start: {Reason}. It is started again, in {Seconds} s and then ever more rarely; "
        + "'docker update --restart=no' and 'cnid release' end it")]
    private partial void Waits(string container, string reason, double seconds);

    [LoggerMessage(LogLevel.Debug, "container {Container} still does not start: {Reason}; next try in {Seconds} s")]
    private partial void StillWaits(string container, string reason, double seconds);

    [LoggerMessage(LogLevel.Information, "container {Container} was started, changed or removed meanwhile: it is not started again")]
    private partial void LeftAlone(string container);

    [LoggerMessage(
        LogLevel.Error, "container {Container} is not started again: its engine has taken the network {Network} from it, as Docker 29 does "
        + "where a start fails late, and it would run without. 'docker network connect {Network} {Container}', and start it")]
    private partial void Lost(string container, string network);

    [LoggerMessage(LogLevel.Information, "container {Container} is started again: its network may be there by now")]
    private partial void StartsAgain(string container);

    [LoggerMessage(LogLevel.Debug, "the engine does not say what has become of {Container}: {Reason}")]
    private partial void NotInspected(string container, string reason);

    [LoggerMessage(LogLevel.Debug, "container {Container} was not started: {Reason}")]
    private partial void NotStarted(string container, string reason);
}
