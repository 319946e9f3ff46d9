namespace DockerDriver.Background;

/// <summary>A growing pause between retries.</summary>
/// <param name="First">The pause after the first failure; each further failure doubles it.</param>
/// <param name="Max">The upper limit of the pause.</param>
internal sealed record BackOff(TimeSpan First, TimeSpan Max)
{
    private const int MaxDoublings = 16;

    /// <summary>The back-off of a failed DEL.</summary>
    public static readonly BackOff OfDel = new(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5));

    /// <summary>The back-off of a container that could not be attached: a network may be late, by seconds or by days.</summary>
    public static readonly BackOff OfStart = new(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5));

    /// <param name="failures">The number of consecutive failures, from 1.</param>
    public TimeSpan After(int failures) =>
        First * (1 << Math.Clamp(failures - 1, 0, MaxDoublings)) is var pause && pause < Max ? pause : Max;
}
