using System.Globalization;
using System.Text;

namespace DockerDriver.Logging;

/// <summary>
/// Text that people read in a terminal or a log, where it may hold words of strangers: labels, names, what a plugin says. What would move
/// the cursor, colour, end the line or turn its direction is written as an escape.
/// </summary>
internal static class PlainText
{
    /// <summary>In one line.</summary>
    public static string Of(string text) => text.Any(IsUnprintable) ? Escaped(text) : text;

    /// <summary>With its lines, each indented, so that none is taken for a line of another speaker.</summary>
    public static string LinesOf(string text, string indent) =>
        string.Concat(text.TrimEnd().ReplaceLineEndings("\n").Split('\n').Select(line => $"{indent}{Of(line)}\n"));

    private static string Escaped(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var one in text)
        {
            if (!IsUnprintable(one))
                clean.Append(one);
            else if (one is '\n' or '\r' or '\t')
                clean.Append(one switch { '\n' => "\\n", '\r' => "\\r", _ => "\\t" });
            else
                clean.Append(CultureInfo.InvariantCulture, $"\\u{(int)one:x4}");
        }
        return clean.ToString();
    }

    // Format: marks that turn the direction of what follows, and such as have no width.
    private static bool IsUnprintable(char one) => char.GetUnicodeCategory(one)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
