using DockerDriver.Configuration;
using DockerDriver.Logging;
using Serilog;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;

namespace DockerDriver.Startup;

/// <summary>The log: one line an event on standard error, for people or for machines, with the attachment it is about.</summary>
internal static class DaemonLog
{
    public static Serilog.ILogger Make(Settings settings)
    {
        var log = new LoggerConfiguration()
            .MinimumLevel.Is(Enum.Parse<LogEventLevel>(settings.LogLevel, ignoreCase: true))
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .Enrich.FromLogContext();
        ITextFormatter format = settings.LogFormat == "json" ? new CompactJsonFormatter() : new LineFormatter();
        return log.WriteTo.Console(format, standardErrorFromLevel: LogEventLevel.Verbose).CreateLogger();
    }
}
