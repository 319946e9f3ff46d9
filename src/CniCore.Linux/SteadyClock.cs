using System.Runtime.InteropServices;
using CniCore.Linux.Interop;

namespace CniCore.Linux;

/// <summary>
/// A clock that starts with the time of day and follows the kernel's monotonic clock, so that setting the host's clock, as NTP does at
/// boot, neither ends a pause nor prolongs it for hours.
/// </summary>
/// <param name="now">The time of day.</param>
/// <param name="uptime">The time since boot, suspended time included.</param>
public sealed class SteadyClock(DateTimeOffset now, Func<TimeSpan> uptime) : TimeProvider
{
    private const int NanosecondsPerTick = 100;
    private readonly DateTimeOffset booted = now - uptime();

    /// <summary>Starts with the host's clock, and follows the kernel's.</summary>
#pragma warning disable RS0030 // this is where the time comes from
    public SteadyClock()
        : this(DateTimeOffset.UtcNow, Uptime)
#pragma warning restore RS0030
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
