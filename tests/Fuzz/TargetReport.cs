namespace Fuzz;

/// <summary>What a search tried and reached.</summary>
/// <param name="Target">Its name.</param>
/// <param name="Tried">The inputs.</param>
/// <param name="Kept">Those that took new branches, the corpus included.</param>
/// <param name="Branches">The branches taken, in all code.</param>
/// <param name="Lines">The lines of the parser.</param>
/// <param name="Covered">Those that ran.</param>
/// <param name="Faults">Crashes, hangs, and inputs that took too much memory or time.</param>
internal sealed record TargetReport(string Target, long Tried, int Kept, int Branches, int Lines, int Covered, int Faults)
{
    private const string Mark = "fuzzed\t";

    public static TargetReport? Read(string line) => line.StartsWith(Mark, StringComparison.Ordinal)
        && line[Mark.Length..].Split('\t') is [var target, var tried, var kept, var branches, var lines, var covered, var faults]
        ? new(target, long.Parse(tried), int.Parse(kept), int.Parse(branches), int.Parse(lines), int.Parse(covered), int.Parse(faults))
        : null;

    public override string ToString() => $"{Mark}{Target}\t{Tried}\t{Kept}\t{Branches}\t{Lines}\t{Covered}\t{Faults}";
}
