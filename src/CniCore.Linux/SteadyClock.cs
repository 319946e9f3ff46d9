using System.Runtime.InteropServices;
using CniCore.Linux.Interop;

namespace CniCore.Linux;

/// <summary>
/// The time of day as it was when this was made, and from then on as much later as time has passed. Who sets the host's clock, as NTP does
/// at a boot, neither ends what was to rest nor makes it rest for hours.
/// </summary>
/// <param name="now">The time of day.</param>
/// <param name="uptime">How long ago the host was booted; it goes on while the host sleeps.</param>
public sealed class SteadyClock(DateTimeOffset now, Func<TimeSpan> uptime) : TimeProvider
{
    private const int NanosecondsPerTick = 100;
    private readonly DateTimeOffset booted = now - uptime();

    /// <summary>By the host's clock as it is now, and the kernel's own from then on.</summary>
    public SteadyClock()
        : this(DateTimeOffset.UtcNow, Uptime)
    {
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => booted + uptime();

    private static unsafe TimeSpan Uptime()
    {
        time.timespec uptime;
        if (time.clock_gettime(time.CLOCK_BOOTTIME, &uptime) != 0)
            throw new LinuxException("reading the time since the boot", Marshal.GetLastPInvokeError());
        return TimeSpan.FromSeconds(uptime.tv_sec) + TimeSpan.FromTicks(uptime.tv_nsec / NanosecondsPerTick);
    }
}
