namespace Conformance;

/// <summary>The findings for one plugin.</summary>
/// <param name="Plugin">Its type.</param>
/// <param name="Path">Its executable; <c>built-in</c> for a built-in plugin.</param>
/// <param name="Versions">The versions that it supports.</param>
/// <param name="Findings">One for each check, in the checks' order.</param>
internal sealed record ConformanceReport(string Plugin, string Path, IReadOnlyList<string> Versions, IReadOnlyList<Finding> Findings)
{
    public int Count(Verdict verdict) => Findings.Count(finding => finding.Verdict == verdict);
}
