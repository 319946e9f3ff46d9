using System.CommandLine;
using System.Text.Json;
using DockerDriver.Admin;
using DockerDriver.Configuration;
using DockerDriver.Protocol;

namespace DockerDriver.Cli;

/// <summary>
/// <c>cnid health</c>: whether the daemon answers, in one line and an exit status, for health checks of images and units.
/// </summary>
internal static class HealthVerb
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    public static Command Command(Func<ParseResult, Settings> settings)
    {
        var ready = new Option<bool>("--ready")
        {
            Description = "check readiness too: the state is reconciled, the engine answers"
        };
        var verb = new Command("health", "Check whether the daemon is alive: exit status 0 or 1, and one line.") { ready };
        verb.SetAction((parsed, _) => ExitStatus.OfAsync(() =>
        {
            Console.Out.WriteLine(parsed.GetValue(ready) ? ReadReadiness(settings(parsed)) : ReadLiveness(settings(parsed)));
            return Task.CompletedTask;
        }));
        return verb;
    }

    private static string ReadLiveness(Settings settings)
    {
        var answer = Ask(settings, "/health");
        return answer.IsSuccess ? "alive" : throw new IOException(answer.Reason);
    }

    private static string ReadReadiness(Settings settings)
    {
        var answer = Ask(settings, "/ready");
        if (answer.IsSuccess)
            return "ready";
        if (answer.Status != StatusCodes.Status503ServiceUnavailable)
            throw new IOException(answer.Reason);
        var report = JsonSerializer.Deserialize(answer.Body, AdminJson.Default.ReadinessReport)!;
        throw new IOException("not ready: " + string.Join("; ", report.NotReady.Select(part => $"{part.Key}: {part.Value}")));
    }

    private static AdminAnswer Ask(Settings settings, string path) => AdminClient.Ask(settings.AdminSocket, "GET", path, [], Timeout);
}
