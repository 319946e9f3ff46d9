namespace DockerDriver.Background;

/// <summary>
/// How long a container rests before it is started, or attached, again: a network that is late is seconds late, or minutes, or days.
/// </summary>
internal static class StartPace
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <param name="tries">How often it was tried in vain since it first failed.</param>
    public static TimeSpan After(int tries) => First * (1 << Math.Clamp(tries, 0, 5)) is var pause && pause < Longest ? pause : Longest;
}
