using DockerDriver.Background;
using DockerDriver.Engine;
using DockerDriver.Errors;
using DockerDriver.Logging;
using DockerDriver.State;

namespace DockerDriver.Starts;

/// <summary>
/// Starts containers again whose start failed because of a network, or that cnid stopped because of one, if their restart policy calls for
/// it. Docker does not retry a failed start: after a reboot with a network that is a minute late they would stay down. A container that has
/// been started or changed since, or that has another error, is left alone.
/// </summary>
internal sealed partial class StartRetrier(
    EngineClient engine, FailedStarts starts, Boot boot, TimeProvider clock, ILogger<StartRetrier> log)
    : BackgroundLoop("retry of failed container starts", clock, log)
{
    private const int Parallelism = 4;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A start ends shortly after the refusal, and an inspect waits for it. A mark that no container has by then was that of a first run, or
    // the container was removed.
    private static readonly TimeSpan[] SearchDelays = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4)];

    // A container that the engine does not know may be another engine's for a while.
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromMinutes(15);

    private readonly Dictionary<string, int> searches = new(StringComparer.Ordinal);

    /// <summary>Runs before the sockets open: loads the records.</summary>
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
            starts.LoadNew();
            await FindContainersAsync(stop);
            var some = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = stop };
            await Parallel.ForEachAsync(starts.All.Where(IsDue), some, TryAsync);
            Succeeded();
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    private bool IsDue(StoredStart start) => start is { Container: not null, Fingerprint.Length: > 0 }
        && (start.IsForNextBoot ? start.Boot != boot.Id : !Clock.IsInFuture(start.NextTry));

    // Docker does not tell a driver the container. It is the one whose error has the mark.
    private async Task FindContainersAsync(CancellationToken cancel)
    {
        List<StoredStart> open = [.. starts.All.Where(IsSearchDue)];
        if (open.Count == 0)
            return;
        foreach (var id in await engine.ExitedAsync(cancel))
        {
            if (await InspectAsync(id, cancel) is { Error.Length: > 0 } seen
                && open.Find(candidate => IsMarked(seen, candidate)) is { } start)
            {
                open.Remove(start);
                Found(start, seen);
            }
        }
        foreach (var start in open)
        {
            searches[start.Id] = searches.GetValueOrDefault(start.Id) + 1;
            if (searches[start.Id] == SearchDelays.Length)
                starts.Remove(start);
        }
        foreach (var gone in searches.Keys.Except(starts.All.Select(start => start.Id)).ToList())
            searches.Remove(gone);
    }

    private bool IsSearchDue(StoredStart start) => start.Fingerprint.Length == 0
        && Clock.Since(start.FailedAt) >= SearchDelays[Math.Min(searches.GetValueOrDefault(start.Id), SearchDelays.Length - 1)];

    // Null also where the engine does not answer for it, so that the others do not wait.
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
            if (Clock.Since(start.FailedAt) > GiveUpAfter)
                starts.Remove(start);
            else
                starts.Save(start with { NextTry = Clock.GetUtcNow() + BackOff.OfStart.After(start.Tries + 2), Tries = start.Tries + 1 });
            return;
        }
        if (!IsUnchanged(start, seen))
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
        // Stored before the start, so that a killed daemon does not retry at once. A start that fails again has a mark of its own.
        starts.Save(start with
        {
            NextTry = Clock.GetUtcNow() + BackOff.OfStart.After(start.Tries + 2),
            IsForNextBoot = false,
            Boot = boot.Id
        });
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
            starts.Remove(start); // after a stop, the record is removed when the container is attached
    }

    // A failure without the mark has another cause.
    private static bool IsUnchanged(StoredStart start, EngineContainer seen) => seen is { HasExited: true, HasPolicy: true }
        && seen.Fingerprint == start.Fingerprint && (start.WasStopped ? seen.Error.Length == 0 : IsMarked(seen, start));

    private static bool IsMarked(EngineContainer seen, StoredStart start) => seen.Error.Contains(start.Id, StringComparison.Ordinal);

    [LoggerMessage(
        LogLevel.Warning, "container {Container} did not start: {Reason}. The start is retried in {Seconds} s, then with growing pauses; "
        + "'docker update --restart=no' and 'cnid release' stop the retries")]
    private partial void Waits(string container, string reason, double seconds);

    [LoggerMessage(LogLevel.Debug, "container {Container} still does not start: {Reason}; next try in {Seconds} s")]
    private partial void StillWaits(string container, string reason, double seconds);

    [LoggerMessage(LogLevel.Information, "container {Container} was started, changed or removed: its start is not retried")]
    private partial void LeftAlone(string container);

    [LoggerMessage(
        LogLevel.Error, "container {Container} is not started again: its engine has disconnected it from the network {Network}, as "
        + "Docker 29 does after a failed start.  Run 'docker network connect {Network} {Container}', and start it")]
    private partial void Lost(string container, string network);

    [LoggerMessage(LogLevel.Information, "container {Container} is started again")]
    private partial void StartsAgain(string container);

    [LoggerMessage(LogLevel.Debug, "the engine cannot inspect {Container}: {Reason}")]
    private partial void NotInspected(string container, string reason);

    [LoggerMessage(LogLevel.Debug, "container {Container} was not started: {Reason}")]
    private partial void NotStarted(string container, string reason);
}
