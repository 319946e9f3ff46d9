using System.Globalization;
using System.Text.RegularExpressions;

namespace Fuzz;

/// <summary>The section "fuzz" of docs/reliability.md.</summary>
internal static partial class Page
{
    public static void Write(string path, FuzzArguments arguments, IReadOnlyList<TargetReport> reports)
    {
        var (tried, found) = (reports.Sum(report => report.Tried), reports.Sum(report => report.Faults));
        string[] lines =
        [
            "<!-- fuzz -->",
            "## Input that others write",
            "",
            "`./test.sh fuzz` changes the inputs of each parser (`tests/Fuzz/Corpus`), guided by the branches that they take (SharpFuzz).",
            "An input may be refused, with an error that is meant for that. Anything else is a crash; so are 5 s, and more memory than",
            "the input explains.",
            $"This section is of a run of {Number(arguments.Minutes)} minutes, seed `{arguments.Seed}`, by the command itself:",
            $"**{Number(tried)} inputs, {found} found.** The lines are those of the parser alone, the branches those of all code.",
            "",
            "| parser | inputs | kept | branches | lines | covered |",
            "|---|--:|--:|--:|--:|--:|",
            .. reports.Select(Row),
            "",
            .. File.ReadAllLines(Path.Combine(arguments.Home, "found.md")),
            "<!-- /fuzz -->",
        ];
        var section = string.Join('\n', lines);
        var text = File.ReadAllText(path);
        File.WriteAllText(path, Section().IsMatch(text) ? Section().Replace(text, _ => section) : $"{text.TrimEnd()}\n\n{section}\n");
    }

    private static string Row(TargetReport report) =>
        $"| {report.Target} | {Number(report.Tried)} | {report.Kept} | {Number(report.Branches)} | {report.Lines} | "
        + $"{Number(Math.Floor(100.0 * report.Covered / Math.Max(1, report.Lines)))} % |";

    private static string Number(double number) => number.ToString("#,0.##", CultureInfo.InvariantCulture);

    [GeneratedRegex("<!-- fuzz -->.*<!-- /fuzz -->", RegexOptions.Singleline)]
    private static partial Regex Section();
}
