using System.Text;
using System.Text.Json;

namespace DockerDriver.Errors;

/// <summary>Describes an error in JSON text in one line: the position and the cause.</summary>
internal static class JsonErrorText
{
    /// <summary>
    /// <c>at character 2 ('o'): 'nonsense' is an invalid JSON literal</c>, preceded by the line number if there are several lines.
    /// </summary>
    public static string Describe(string text, JsonException fault)
    {
        var lines = text.Split('\n');
        var number = (int)Math.Min(fault.LineNumber ?? 0, lines.Length - 1);
        var at = CharacterAt(lines[number], fault.BytePositionInLine ?? 0);
        var end = number < lines.Length - 1 ? "at its end" : "at the end";
        var place = at < lines[number].Length ? $"at character {at + 1} ('{lines[number][at]}')" : end;
        return $"{(lines.Length > 1 ? $"line {number + 1}, " : "")}{place}: {Cause(fault)}";
    }

    // The reader counts bytes of UTF-8; users count characters.
    private static int CharacterAt(string line, long bytes)
    {
        var at = 0;
        for (var seen = 0; at < line.Length && seen < bytes;)
        {
            var width = char.IsHighSurrogate(line[at]) && at + 1 < line.Length ? 2 : 1;
            seen += Encoding.UTF8.GetByteCount(line.AsSpan(at, width));
            at += width;
        }
        return at;
    }

    // System.Text.Json appends the position, and sometimes advice for the developer.
    private static string Cause(JsonException fault) =>
        fault.Message.Split(" Path:", 2)[0].Split(" LineNumber:", 2)[0].Split(" Change the reader options", 2)[0].TrimEnd('.');
}
