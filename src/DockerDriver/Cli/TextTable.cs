using System.Text;
using DockerDriver.Logging;

namespace DockerDriver.Cli;

/// <summary>Formats a table for the terminal's width: long cells wrap between words, so that addresses and ids stay whole.</summary>
internal static class TextTable
{
    private const int Gap = 2;
    private const int NoteIndent = 4;

    /// <param name="rows">Cells, and notes that are printed below them across all columns.</param>
    public static string Of(string[] head, IEnumerable<(string[] Cells, IEnumerable<string> Notes)> rows, int width)
    {
        List<(string[] Cells, IEnumerable<string> Notes)> all =
            [(head, []), .. rows.Select(row => (row.Cells.Select(PlainText.Of).ToArray(), row.Notes.Select(PlainText.Of)))];
        var widths = Fit([.. head.Select((_, column) => all.Max(row => row.Cells[column].Length))],
            [.. head.Select((_, column) => all.Max(row => LongestWord(row.Cells[column])))], width);
        var text = new StringBuilder();
        foreach (var (cells, notes) in all)
        {
            List<List<string>> lines = [.. cells.Select((cell, column) => Wrap(cell, widths[column]))];
            for (var line = 0; line < lines.Max(cell => cell.Count); line++)
                text.Append(string.Concat(lines.Select((cell, column) =>
                    (line < cell.Count ? cell[line] : "").PadRight(widths[column] + Gap))).TrimEnd()).Append('\n');
            foreach (var note in notes.SelectMany(note => Terminal.IsTerminal ? Wrap(note, width - NoteIndent) : [note]))
                text.Append(' ', NoteIndent).Append(note).Append('\n');
        }
        return text.ToString().TrimEnd('\n');
    }

    // Shrinks the widest column, down to its longest word, then the next.
    private static int[] Fit(int[] widths, int[] least, int width)
    {
        for (var over = widths.Sum() + (Gap * (widths.Length - 1)) - width; over > 0; over--)
        {
            var widest = Enumerable.Range(0, widths.Length).Where(column => widths[column] > least[column])
                .OrderByDescending(column => widths[column]).FirstOrDefault(-1);
            if (widest < 0)
                break; // cannot shrink further
            widths[widest]--;
        }
        return widths;
    }

    private static List<string> Wrap(string text, int width)
    {
        List<string> lines = [""];
        foreach (var word in text.Split(' '))
        {
            if (lines[^1].Length > 0 && lines[^1].Length + 1 + word.Length > width)
                lines.Add("");
            lines[^1] += lines[^1].Length > 0 ? " " + word : word;
        }
        return lines;
    }

    private static int LongestWord(string text) => text.Split(' ').Max(word => word.Length);
}
