using DockerDriver.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace DockerDriver.Tests.Logging;

public sealed class LineFormatterTests
{
    private const string Forged = "red\u001b[31m\n12:00:00.000 ERR all is lost\u202e";

    [Fact]
    public void C_Format_UntrustedText_IsOneLine() => Assert.Matches(
        @"^\d\d:\d\d:\d\d\.\d{3} WRN label red\\u001b\[31m\\n12:00:00\.000 ERR all is lost\\u202e\n\z",
            Logged(log => log.Warning("label {Value}", Forged)));

    [Fact]
    public void C_Format_UntrustedTextInAFault_IsIndented()
    {
        var lines = Logged(log => log.Error(new InvalidOperationException(Forged), "failed")).Split('\n');
        Assert.Equal(@"  System.InvalidOperationException: red\u001b[31m", lines[1]);
        Assert.Equal(@"  12:00:00.000 ERR all is lost\u202e", lines[2]);
    }

    private static string Logged(Action<ILogger> write)
    {
        using var text = new StringWriter();
        using var log = new LoggerConfiguration().WriteTo.Sink(new Written(text)).CreateLogger();
        write(log);
        return text.ToString();
    }

    private sealed class Written(TextWriter text) : ILogEventSink
    {
        public void Emit(LogEvent logEvent) => new LineFormatter().Format(logEvent, text);
    }
}
