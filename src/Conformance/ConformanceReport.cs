namespace Conformance;

/// <summary>All that was found about one plugin.</summary>
/// <param name="Plugin">Its type.</param>
/// <param name="Path">Its executable; <c>built-in</c> for cnid's own.</param>
/// <param name="Versions">The versions it says it speaks.</param>
/// <param name="Findings">One for each check, in their order.</param>
internal sealed record ConformanceReport(string Plugin, string Path, IReadOnlyList<string> Versions, IReadOnlyList<Finding> Findings)
{
    public int Count(Verdict verdict) => Findings.Count(finding => finding.Verdict == verdict);
}
