using CniCore.Linux.Processes;

namespace DockerDriver.Background;

/// <summary>
/// Collects garbage and returns memory to the kernel when no calls come. Startup alone leaves 20 MB of garbage, which is never collected
/// without allocations.
/// </summary>
internal sealed class IdleMemoryTrimmer(TimeProvider clock, ILogger<IdleMemoryTrimmer> log)
    : BackgroundLoop("trimming of idle memory", clock, log)
{
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(3);
    private long calls;
    private long seen = -1;

    /// <summary>Notes a call.</summary>
    public void Called() => Interlocked.Increment(ref calls);

    protected override async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(IdleTime, Clock);
        var trimmed = -1L;
        while (await timer.WaitForNextTickAsync(stop))
        {
            var now = Interlocked.Read(ref calls);
            if (now == seen && now != trimmed)
            {
                OwnMemory.GiveBack();
                trimmed = now;
            }
            seen = now;
            Succeeded();
        }
    }
}
