namespace DockerDriver.Background;

/// <summary>How long a DEL that has failed rests: what keeps a plugin from it for minutes may do so for days.</summary>
internal static class RetryPace
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <param name="failed">How often in a row it has failed.</param>
    public static TimeSpan After(int failed) =>
        First * (1 << Math.Clamp(failed - 1, 0, 4)) is var pause && pause < Longest ? pause : Longest;
}
