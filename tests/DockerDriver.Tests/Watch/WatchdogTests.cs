using System.Diagnostics;
using DockerDriver.Background;
using DockerDriver.Configuration;
using DockerDriver.Watch;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.Tests.Watch;

/// <summary>What is stuck is found, with who waits for whom.</summary>
public sealed class WatchdogTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly string folder = Directory.CreateTempSubdirectory("cnid-watchdog-").FullName;
    private readonly Clock clock = new();
    private readonly KeyedLocks locks;
    private readonly Watchdog watchdog;
    private readonly List<BackgroundLoop> loops = [];

    public WatchdogTests()
    {
        locks = new(clock);
        watchdog = new(locks, () => loops, new Settings { RunDir = folder }, clock, NullLogger<Watchdog>.Instance);
    }

    private string Said => string.Join('\n', watchdog.Stuck().Select(one => one.Text));

    public void Dispose()
    {
        watchdog.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task LockThatIsHeldTooLong_IsSaid_WithHolderAndWaits_AsLongAsItLasts()
    {
        var held = await TakeAsync("NetworkDriver.Join", "endpoint1234567890");
        clock.Pass(TimeSpan.FromSeconds(5));
        var waits = TakeAsync("NetworkDriver.Leave", "endpoint1234567890");
        Assert.Empty(Said);

        clock.Pass(TimeSpan.FromSeconds(60));

        Assert.Equal(
            "the lock of endpoint1234 is held by NetworkDriver.Join for 65 s; NetworkDriver.Leave has waited for it for 60 s", Said);
        Assert.Equal(Said, await watchdog.NotReadyReasonAsync(None));
        held.Dispose();
        (await waits).Dispose();
        Assert.Empty(Said);
        Assert.Empty(locks.Uses());
    }

    [Fact]
    public async Task Deadlock_IsCalledOne()
    {
        Task Cross(string work, string first, string second, TaskCompletionSource has, Task other) => Task.Run(async () =>
        {
            CurrentWork.Begin(work);
            using var one = await locks.TakeAsync(first, None);
            has.SetResult();
            await other;
            using var two = await locks.TakeAsync(second, TestContext.Current.CancellationToken);
        });
        var (left, right) = (new TaskCompletionSource(), new TaskCompletionSource());
        _ = Cross("Join", "a", "b", left, right.Task);
        _ = Cross("Leave", "b", "a", right, left.Task);
        SpinWait.SpinUntil(() => locks.Uses().Count(use => use.Waits.Count > 0) == 2);

        clock.Pass(TimeSpan.FromSeconds(61));

        Assert.Contains("the lock of a is held by Join for 61 s, which waits for the lock of b, held by Leave, "
            + "which waits for the lock of a, held by Join: a deadlock", Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LockFileOfAnotherProcess_IsSaid_WithTheProcess()
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "locks")).FullName, "container-abc");
        await File.WriteAllTextAsync(path, "", None);
        using var other = Process.Start(new ProcessStartInfo("flock", [path, "cat"]) { RedirectStandardInput = true })!;
        try
        {
            SpinWait.SpinUntil(() => LockFiles.HeldByOthers(Path.Combine(folder, "locks")).Count > 0, TimeSpan.FromSeconds(20));
            using var held = await TakeAsync("Join", "a");
            clock.Pass(TimeSpan.FromSeconds(61));

            Assert.Matches(@"; the process \d+ \((flock|cat)\) holds the lock file container-abc$", Said);
        }
        finally
        {
            other.StandardInput.Close();
            await other.WaitForExitAsync(None);
        }
    }

    [Fact]
    public async Task LoopThatEndsNoPass_IsSaid()
    {
        using var loop = new HangingLoop(clock);
        loops.Add(loop);
        await loop.StartAsync(None);
        clock.Pass(TimeSpan.FromMinutes(4));
        Assert.Empty(Said);

        clock.Pass(TimeSpan.FromMinutes(2));

        Assert.Equal("the work of a test has not ended a pass for 360 s", Said);
        await loop.StopAsync(None);
    }

    // In a call of its own, whose name does not outlive it.
    private async Task<IDisposable> TakeAsync(string work, string key)
    {
        CurrentWork.Begin(work);
        return await locks.TakeAsync(key, None);
    }

    private sealed class HangingLoop(TimeProvider clock) : BackgroundLoop("the work of a test", clock, NullLogger.Instance)
    {
        protected override Task RunAsync(CancellationToken stop) => Task.Delay(Timeout.Infinite, stop);
    }

    private sealed class Clock : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => ticks;

        public void Pass(TimeSpan time) => ticks += time.Ticks;
    }
}
