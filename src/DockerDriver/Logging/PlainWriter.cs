using System.Text;

namespace DockerDriver.Logging;

/// <summary>
/// The last step of all that goes to a terminal or to the journal, text and JSON: whatever <see cref="PlainText"/> has not seen is escaped
/// here, but for the ends of lines. JSON stays the same JSON, as such characters can only stand in its strings.
/// </summary>
internal sealed class PlainWriter(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    /// <summary>From now on, both streams of this process are plain.</summary>
    public static void Take()
    {
        Console.SetOut(new PlainWriter(Console.Out));
        Console.SetError(new PlainWriter(Console.Error));
    }

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(string? value) => inner.Write(string.Join('\n', (value ?? "").Split('\n').Select(PlainText.Of)));

    public override void Flush() => inner.Flush();
}
