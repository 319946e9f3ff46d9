namespace DockerDriver.Background;

/// <summary>The growing pause between tries: what has failed for minutes may fail for days.</summary>
/// <param name="First">The pause after the first failure; each further one doubles it.</param>
/// <param name="Longest">What it never exceeds.</param>
internal sealed record BackOff(TimeSpan First, TimeSpan Longest)
{
    private const int MostDoublings = 16;

    /// <summary>Of a DEL that has failed.</summary>
    public static readonly BackOff OfDel = new(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5));

    /// <summary>Of a container that did not get its networks: one of them may be late, by seconds, minutes or days.</summary>
    public static readonly BackOff OfStart = new(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5));

    /// <param name="failures">How many in a row, from 1.</param>
    public TimeSpan After(int failures) =>
        First * (1 << Math.Clamp(failures - 1, 0, MostDoublings)) is var pause && pause < Longest ? pause : Longest;
}
