namespace EndToEnd.Faults;

/// <summary>Points of a kind at which something was once found broken: a sample has some of them, whatever its seed.</summary>
/// <param name="Call">The system call.</param>
/// <param name="About">Part of what it is about.</param>
/// <param name="Faults">What becomes of it, as <see cref="FaultPoint.Fault"/> has it.</param>
internal sealed record PinnedPoint(string Call, string About, params string[] Faults)
{
    /// <summary>So many of a kind, spread over the path.</summary>
    private const int Most = 3;

    /// <summary>Those of the points.</summary>
    public IEnumerable<FaultPoint> In(IReadOnlyList<FaultPoint> points) => Faults.SelectMany(fault =>
        FaultPlan.Spread([.. points.Where(point => point.Call == Call && point.Fault == fault && IsAbout(point))], Most));

    private bool IsAbout(FaultPoint point) => point.About.Contains(About, StringComparison.Ordinal);
}
