namespace Conformance;

/// <summary>A check, and what became of it.</summary>
/// <param name="Id">The check's name for programs.</param>
/// <param name="Group">What it belongs to.</param>
/// <param name="Title">What was expected.</param>
/// <param name="Section">The section of the spec.</param>
/// <param name="Level">How strongly the spec says it.</param>
/// <param name="Verdict">Whether it is so.</param>
/// <param name="Seen">What was seen.</param>
internal sealed record Finding(string Id, string Group, string Title, string Section, Level Level, Verdict Verdict, string Seen);
