using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;

namespace DockerDriver.Logging;

/// <summary>Formats a log event as one line; a stack trace follows in indented lines.</summary>
internal sealed class LineFormatter : ITextFormatter
{
    private const string Indent = "  ";
    private readonly MessageTemplateTextFormatter line =
        new("{Timestamp:HH:mm:ss.fff} {Level:u3} {Attachment}{Message:lj}", CultureInfo.InvariantCulture);

    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        line.Format(logEvent, text);
        output.Write(PlainText.Of(text.ToString()) + "\n");
        if (logEvent.Exception is { } fault)
            output.Write(PlainText.LinesOf(fault.ToString(), Indent));
    }
}
