using System.Globalization;
using System.Text;

namespace DockerDriver.Logging;

/// <summary>
/// Makes untrusted text, such as labels, names and plugins' messages, safe for a terminal or a log: escapes control characters, line ends,
/// and characters that change colour or direction.
/// </summary>
internal static class PlainText
{
    /// <summary>As one line.</summary>
    public static string Of(string text)
    {
        foreach (var character in text.EnumerateRunes())
        {
            if (IsUnprintable(character))
                return Escaped(text);
        }
        return text;
    }

    /// <summary>As several lines, each indented, so that none can be taken for another log line.</summary>
    public static string LinesOf(string text, string indent) =>
        string.Concat(text.TrimEnd().ReplaceLineEndings("\n").Split('\n').Select(line => $"{indent}{Of(line)}\n"));

    private static string Escaped(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var character in text.EnumerateRunes())
        {
            if (!IsUnprintable(character))
                clean.Append(character.ToString());
            else if (character.Value is '\n' or '\r' or '\t')
                clean.Append(character.Value switch { '\n' => "\\n", '\r' => "\\r", _ => "\\t" });
            else
                foreach (var half in character.ToString()) // two beyond U+FFFF, as in JSON
                    clean.Append(CultureInfo.InvariantCulture, $"\\u{(int)half:x4}");
        }
        return clean.ToString();
    }

    // Format: marks that change the text direction, and characters without width.
    private static bool IsUnprintable(Rune character) => Rune.GetUnicodeCategory(character)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
