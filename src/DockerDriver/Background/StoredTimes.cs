namespace DockerDriver.Background;

/// <summary>
/// Compares stored times with the present. During this run the clock is steady; an earlier run may have stored times of a clock that has
/// been changed since.
/// </summary>
internal static class StoredTimes
{
    // A back-off is at most five minutes.
    private static readonly TimeSpan MaxRest = TimeSpan.FromMinutes(10);

    /// <summary>The time since then. A future time comes from another clock: it counts as long ago.</summary>
    public static TimeSpan Since(this TimeProvider clock, DateTimeOffset moment) =>
        clock.GetUtcNow() - moment is var age && age >= TimeSpan.Zero ? age : TimeSpan.MaxValue;

    /// <summary>Whether a back-off that ends then is not over.</summary>
    public static bool IsInFuture(this TimeProvider clock, DateTimeOffset? moment) =>
        moment - clock.GetUtcNow() is { } left && left > TimeSpan.Zero && left < MaxRest;
}
