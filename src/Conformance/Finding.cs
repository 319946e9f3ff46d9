namespace Conformance;

/// <summary>The result of a check.</summary>
/// <param name="Id">The check's id.</param>
/// <param name="Group">The group of checks.</param>
/// <param name="Title">The expectation.</param>
/// <param name="Section">The section of the spec.</param>
/// <param name="Level">The requirement level.</param>
/// <param name="Verdict">Whether the expectation is met.</param>
/// <param name="Seen">What was observed.</param>
internal sealed record Finding(string Id, string Group, string Title, string Section, Level Level, Verdict Verdict, string Seen);
