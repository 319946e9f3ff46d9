namespace DockerDriver.Background;

/// <summary>
/// Moments from the state folder, compared with now. While this daemon runs its clock is steady; one that ran before may have written them
/// by a clock that was set since, forward or back.
/// </summary>
internal static class StoredTimes
{
    // A rest is five minutes at most.
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(10);

    /// <summary>How long ago it was. One that is yet to come was written by another clock, and long ago.</summary>
    public static TimeSpan Since(this TimeProvider clock, DateTimeOffset moment) =>
        clock.GetUtcNow() - moment is var age && age >= TimeSpan.Zero ? age : TimeSpan.MaxValue;

    /// <summary>Whether what rests until then rests still.</summary>
    public static bool IsInFuture(this TimeProvider clock, DateTimeOffset? moment) =>
        moment - clock.GetUtcNow() is { } left && left > TimeSpan.Zero && left < LongestRest;
}
