using DockerDriver.Configuration;
using DockerDriver.Logging;
using Serilog;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;

namespace DockerDriver.Startup;

/// <summary>Creates the log: one line per event on standard error, as text or JSON, with the attachment.</summary>
internal static class DaemonLogging
{
    public static Serilog.ILogger Create(Settings settings)
    {
        var log = new LoggerConfiguration()
            .MinimumLevel.Is(Enum.Parse<LogEventLevel>(settings.LogLevel, ignoreCase: true))
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .Enrich.FromLogContext();
        ITextFormatter format = settings.LogFormat == "json" ? new CompactJsonFormatter() : new LineFormatter();
        return log.WriteTo.Console(format, standardErrorFromLevel: LogEventLevel.Verbose).CreateLogger();
    }
}
