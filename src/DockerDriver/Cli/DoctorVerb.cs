using System.CommandLine;
using System.Text;
using System.Text.Json;
using DockerDriver.Configuration;
using DockerDriver.Doctor;
using DockerDriver.Startup;

namespace DockerDriver.Cli;

/// <summary><c>cnid doctor</c>: finds problems of this host, why they matter, and the commands that fix them.</summary>
internal static class DoctorVerb
{
    public static Command Command(Func<ParseResult, Settings> settings)
    {
        var strict = new Option<bool>("--strict") { Description = "warnings fail too" };
        var json = new Option<bool>("--json") { Description = "print a JSON array" };
        var verb =
            new Command(
                "doctor",
                    "Check this host, and report problems, why they matter, and the commands that fix them. Changes nothing.") { strict,
                    json };
        verb.SetAction(async (parsed, cancel) =>
        {
            var worst = FindingState.Ok;
            var status = await ExitStatus.OfAsync(async () =>
            {
                var given = CniEnvironment.ApplyTo(settings(parsed));
                using var logs = CniVerbs.Logs(given);
                var cni = CniComposition.ForVerb(given, logs);
                var host = await DoctorContext.ReadAsync(given, cni.Firewall, cni.Runtime, cancel);
                var findings = await DoctorRun.OfAsync(host, cancel);
                worst = findings.Max(finding => finding.State);
                Console.Out.WriteLine(parsed.GetValue(json)
                    ? JsonText.Indented(JsonText.Array(findings.Select(Json)))
                    : Text(findings));
            });
            return status == 0 && (worst == FindingState.Fail || (worst == FindingState.Warn && parsed.GetValue(strict)))
                ? ExitStatus.Failed
                : status;
        });
        return verb;
    }

    private static System.Text.Json.Nodes.JsonObject Json(DoctorFinding finding)
    {
        var json = JsonSerializer.SerializeToNode(finding, DoctorJson.Default.DoctorFinding)!.AsObject();
        json["state"] = StateText(finding.State);
        return json;
    }

    private static string Text(IReadOnlyList<DoctorFinding> findings)
    {
        var text = new StringBuilder();
        text.Append(TextTable.Of(["", "CHECK", "FOUND"],
            findings.Select(finding => (new[] { StateText(finding.State), finding.Check, finding.Found }, Notes(finding))), Terminal.Width))
            .Append("\n\n");
        return text.AppendJoin(", ", Enum.GetValues<FindingState>()
            .Select(state => $"{findings.Count(finding => finding.State == state)} {StateText(state)}")).ToString();
    }

    private static IEnumerable<string> Notes(DoctorFinding finding)
    {
        if (finding.State == FindingState.Ok)
            yield break;
        yield return finding.Why;
        if (finding.Fix.Length > 0)
            yield return "fix: " + finding.Fix;
    }

    private static string StateText(FindingState state) => state.ToString().ToLowerInvariant();
}
