using DockerDriver.Background;
using DockerDriver.Configuration;
using DockerDriver.Logging;

namespace DockerDriver.Watch;

/// <summary>
/// Finds locks that are held for too long and loops that do not go on, and says who waits for whom: to the log once, to readiness and the
/// doctor as long as it lasts. It frees nothing: every wait has an end of its own, and one that has none is a fault to be reported.
/// </summary>
/// <param name="locks">The daemon's locks.</param>
/// <param name="loops">All loops, of which this is one.</param>
/// <param name="settings">The time limits.</param>
/// <param name="clock">The clock of the locks and loops.</param>
/// <param name="log">Where something stuck is reported once, and its end.</param>
internal sealed partial class Watchdog(
    KeyedLocks locks, Func<IEnumerable<BackgroundLoop>> loops, Settings settings, TimeProvider clock, ILogger<Watchdog> log)
    : BackgroundLoop("the watchdog", clock, log), IReadinessCheck
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    // A call, and the DEL that follows its failure, have 25 s each by default.
    private static readonly TimeSpan MostCalls = TimeSpan.FromSeconds(10);

    // The longest pause between two passes is 30 s; a pass may wait for a plugin more than once.
    private static readonly TimeSpan LoopLimit = TimeSpan.FromMinutes(5);

    private readonly Dictionary<object, string> said = [];

    private TimeSpan LockLimit => 2 * settings.CallTimeout + MostCalls;

    public string Name => "locks and loops";

    public Task<string?> NotReadyReasonAsync(CancellationToken cancel) =>
        Task.FromResult(Stuck().Select(stuck => stuck.Text).ToList() is { Count: > 0 } all ? string.Join("; ", all) : null);

    /// <summary>What is stuck now: its identity, and a line for an administrator.</summary>
    public IEnumerable<(object Identity, string Text)> Stuck()
    {
        var uses = locks.Uses();
        var held = uses.Where(use => Clock.GetElapsedTime(use.Holder.Since) > LockLimit).ToList();
        var others = held.Count > 0 ? LockFiles.HeldByOthers(settings.LocksFolder) : [];
        foreach (var (holder, waits) in held)
            yield return (holder, string.Join("; ", [Text(holder, uses), .. waits.Select(Text), .. others]));
        foreach (var loop in loops().Where(loop => loop.SilentFor > LoopLimit))
            yield return (loop, $"{loop.Work} has not ended a pass for {Seconds(loop.SilentFor)} s");
    }

    protected override async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, Clock);
        while (await timer.WaitForNextTickAsync(stop))
        {
            Look();
            Succeeded();
        }
    }

    private void Look()
    {
        var stuck = Stuck().ToDictionary(one => one.Identity, one => one.Text);
        foreach (var (identity, text) in stuck.Where(one => said.TryAdd(one.Key, one.Value)))
            IsStuck(text);
        foreach (var identity in said.Keys.Except(stuck.Keys).ToList())
        {
            GoesOn(said[identity]);
            said.Remove(identity);
        }
    }

    // Who has the lock, and what it waits for in turn.
    private string Text(LockUse holder, IReadOnlyList<(LockUse Holder, IReadOnlyList<LockUse> Waits)> uses)
    {
        var text = $"the lock of {KeyOf(holder)} is held by {holder.Work} for {Seconds(Clock.GetElapsedTime(holder.Since))} s";
        var seen = new HashSet<CurrentWork> { holder.Work };
        for (var work = holder.Work; uses.FirstOrDefault(use => use.Waits.Any(wait => wait.Work == work)) is { Holder: { } next };
            work = next.Work)
        {
            text += $", which waits for the lock of {KeyOf(next)}, held by {next.Work}";
            if (!seen.Add(next.Work))
                return text + ": a deadlock";
        }
        return text;
    }

    private string Text(LockUse wait) => $"{wait.Work} has waited for it for {Seconds(Clock.GetElapsedTime(wait.Since))} s";

    private static string KeyOf(LockUse use) => use.Key.Contains(' ', StringComparison.Ordinal) ? use.Key : ShortId.Of(use.Key);

    private static int Seconds(TimeSpan time) => (int)time.TotalSeconds;

    [LoggerMessage(LogLevel.Error, "stuck: {What}")]
    private partial void IsStuck(string what);

    [LoggerMessage(LogLevel.Warning, "goes on: {What}")]
    private partial void GoesOn(string what);
}
