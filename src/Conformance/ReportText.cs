using System.Text;

namespace Conformance;

/// <summary>Formats reports as text, TAP and Markdown.</summary>
internal static class ReportText
{
    /// <summary>A line for each finding, and a summary.</summary>
    public static string Table(ConformanceReport report)
    {
        var text = new StringBuilder();
        text.Append(report.Plugin).Append(" (").Append(report.Path).Append("), versions ").AppendJoin(", ", report.Versions).Append('\n');
        var group = "";
        foreach (var finding in report.Findings)
        {
            if (finding.Group != group)
                text.Append('\n').Append(group = finding.Group).Append('\n');
            text.Append("  ").Append(StateText(finding).PadRight(6)).Append(finding.Title).Append("  [").Append(Level(finding)).Append(", ")
                .Append(finding.Section).Append("]\n");
            if (finding.Seen.Length > 0)
                text.Append("        ").Append(finding.Seen).Append('\n');
        }
        return text.Append('\n').Append(Sum(report)).ToString();
    }

    /// <summary>Test Anything Protocol, version 14: an unmet "should" is a TODO, a check that does not apply a SKIP.</summary>
    public static string Tap(IReadOnlyList<ConformanceReport> reports)
    {
        var text = new StringBuilder("TAP version 14\n");
        text.Append("1..").Append(reports.Sum(report => report.Findings.Count)).Append('\n');
        var number = 0;
        foreach (var (report, finding) in reports.SelectMany(report => report.Findings.Select(finding => (report, finding))))
        {
            text.Append(finding.Verdict is Verdict.Fail or Verdict.Gap ? "not ok " : "ok ").Append(++number).Append(" - ")
                .Append(report.Plugin).Append(": ").Append(finding.Title.Replace("#", "\\#", StringComparison.Ordinal));
            text.Append(finding.Verdict switch
            {
                Verdict.Skip => " # SKIP " + finding.Seen,
                Verdict.Gap => $" # TODO {Level(finding)}, section {finding.Section}",
                _ => "",
            }).Append('\n');
            if (finding is { Verdict: not Verdict.Skip, Seen.Length: > 0 })
                text.Append("# ").Append(finding.Seen).Append('\n');
        }
        return text.ToString().TrimEnd('\n');
    }

    /// <summary>A Markdown table with a column for each plugin, and the observations for unmet expectations.</summary>
    public static string Markdown(IReadOnlyList<ConformanceReport> reports)
    {
        var text = new StringBuilder("| | spec | ").AppendJoin(" | ", reports.Select(report => report.Plugin)).Append(" |\n|---|---|");
        text.Insert(text.Length, "---|", reports.Count).Append('\n');
        for (var row = 0; row < reports[0].Findings.Count; row++)
        {
            var first = reports[0].Findings[row];
            text.Append("| ").Append(first.Title).Append(" | ").Append(Level(first)).Append(", ").Append(first.Section).Append(" | ")
                .AppendJoin(" | ", reports.Select(report => Mark(report.Findings[row]))).Append(" |\n");
        }
        foreach (var (report, finding) in reports.SelectMany(report =>
            report.Findings.Where(finding => finding.Verdict is Verdict.Fail or Verdict.Gap).Select(finding => (report, finding))))
            text.Append("\n- **").Append(report.Plugin).Append("**, ").Append(finding.Title).Append(" (").Append(Level(finding))
                .Append("): ").Append(Escaped(finding.Seen));
        return text.ToString();
    }

    public static string Sum(ConformanceReport report) =>
        $"{report.Plugin}: {report.Count(Verdict.Pass)} passed, {report.Count(Verdict.Fail)} failed, {report.Count(Verdict.Gap)} not as "
        + $"it should, {report.Count(Verdict.Skip)} not for this plugin";

    private static string Level(Finding finding) => finding.Level.ToString().ToLowerInvariant();

    private static string StateText(Finding finding) =>
        finding.Verdict switch { Verdict.Pass => "ok", Verdict.Fail => "FAIL", Verdict.Gap => "gap", _ => "-" };

    private static string Mark(Finding finding) =>
        finding.Verdict switch { Verdict.Pass => "✓", Verdict.Fail => "**✗**", Verdict.Gap => "gap", _ => "–" };

    private static string Escaped(string seen) =>
        seen.Length == 0 ? "" : "`` " + seen.Replace("|", "\\|", StringComparison.Ordinal) + " ``";
}
