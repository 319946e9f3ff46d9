using System.Globalization;

namespace EndToEnd.Faults;

/// <summary>
/// What was tried, a line a point, in the file FAULT_LOG names: path, the call's number among its equals, the call, what it was about, what
/// became of it, what has come of that, the time until all was settled, the time in all, the seed; what was last missing, if that took
/// longer than it may. A sweep that is broken off goes on where it was.
/// </summary>
internal static class FaultLog
{
    private static readonly TimeSpan SettledWithin = TimeSpan.FromSeconds(2);
    private static readonly string? File = Environment.GetEnvironmentVariable("FAULT_LOG") is { Length: > 0 } file ? file : null;

    private static readonly HashSet<string> Known = File is not null && System.IO.File.Exists(File)
        ? [.. System.IO.File.ReadLines(File).Select(line => line.Split('\t'))
            .Where(words => words is [_, _, _, _, _, "held" or "not reached", ..])
            .Select(words => string.Join('\t', words[..5]))]
        : [];

    /// <summary>Whether the point held in an earlier run.</summary>
    public static bool Has(FaultPath path, FaultPoint point) => Known.Contains(Key(path, point));

    /// <summary>Says how many points of the path there are to try, in a line that is no point's.</summary>
    public static void Begin(FaultPath path, IReadOnlyCollection<FaultPoint> points, int all)
    {
        if (File is not null)
            Append($"# {path}: {points.Count} of {all} points, {points.Count(point => Has(path, point))} of them tried before");
    }

    /// <summary>Says that the engine ended at a point, in a line that is no point's.</summary>
    public static void EngineEnded(FaultPath path, FaultPoint point, string said)
    {
        if (File is not null)
            Append($"# {Key(path, point)}: the engine ended: {said.ReplaceLineEndings(" | ")}");
    }

    public static void Write(FaultPath path, FaultPoint point, FaultOutcome outcome)
    {
        if (File is null)
            return;
        var said = outcome switch
        {
            { Fault: { } fault } => $"broken: {fault.ReplaceLineEndings(" | ")}",
            { IsReached: true } => "held",
            _ => "not reached",
        };
        var missing = outcome.Settled > SettledWithin ? "\t" + outcome.Missing?.ReplaceLineEndings(" | ") : "";
        var took = outcome.Took.TotalSeconds;
        Append($"{Key(path, point)}\t{said}\t{outcome.Settled?.TotalSeconds:0.0}\t{took:0.0}\t{FaultPlan.Seed}{missing}");
    }

    private static void Append(FormattableString line) =>
        System.IO.File.AppendAllText(File!, line.ToString(CultureInfo.InvariantCulture) + "\n");

    private static string Key(FaultPath path, FaultPoint point) => $"{path}\t{point.Key}";
}
