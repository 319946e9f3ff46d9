using System.CommandLine;
using System.Text.Json;
using CniCore.Config;
using CniCore.Spec;
using Docker.DotNet;
using DockerDriver.Admin;
using DockerDriver.Configuration;
using DockerDriver.Errors;
using DockerDriver.Import;
using DockerDriver.Lists;
using DockerDriver.Logging;
using DockerDriver.Protocol;
using DockerDriver.Startup;

namespace DockerDriver.Cli;

/// <summary>
/// <c>cnid network import NAME</c>: creates the Docker network of a list. <c>cnid network forget ID</c>: forgets a network that is kept
/// because no engine confirms its removal.
/// </summary>
internal static class NetworkVerb
{
    // The daemon's request to the engine takes up to 5 s.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    public static Command Command(Func<ParseResult, Settings> settings) =>
        new("network", "Create Docker networks from network lists; forget removed ones.") { Import(settings), Forget(settings) };

    private static Command Forget(Func<ParseResult, Settings> settings)
    {
        var id = new Argument<string>("ID")
        {
            Description = "the network's Docker id or the beginning of it, or its list's name; see: cnid networks"
        };
        var force = new Option<bool>("--force") { Description = "do not ask the engine whether it has the network" };
        var verb =
            new Command(
                "forget",
                    "Forget a Docker network that was removed while cnid did not run, and its bridge. Refused if Docker has it.") { id,
                    force };
        verb.SetAction((parsed, _) => ExitStatus.OfAsync(() =>
        {
            var path =
                $"/networks/forget/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}{(parsed.GetValue(force) ? "?force=true" : "")}";
            var answer = AdminClient.Ask(settings(parsed).AdminSocket, "POST", path, [], Timeout);
            if (!answer.IsSuccess)
                throw new RefusedException(answer.Reason);
            var forgotten = JsonSerializer.Deserialize(answer.Body, AdminJson.Default.ForgetResponse)!;
            Console.Out.WriteLine($"forgot {ShortId.Of(forgotten.Id)} {forgotten.List}");
            return Task.CompletedTask;
        }));
        return verb;
    }

    private static Command Import(Func<ParseResult, Settings> settings)
    {
        var list = new Argument<string>("NAME") { Description = "name of a list in the configuration folder; see: cnid networks" };
        var name = new Option<string?>("--as") { Description = "the Docker network's name [default: the list's]" };
        var driver = new Option<string?>("--driver") { Description = "the driver's name in Docker [default: from plugin-socket]" };
        var addresses = new Option<AddressSource?>("--addresses")
        {
            Description = "which IPAM assigns addresses: list, null (the "
            + "list, with --ipam-driver null) or docker [default: the best fit for the list's IPAM]"
        };
        var labels = new Option<string[]>("--label")
        {
            Description = "KEY=VALUE, a label of the Docker network, besides those that nerdctl or Podman stored in the list; repeatable"
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "print the equivalent command only" };
        var verb =
            new Command(
                "import",
                    "Create the Docker network of a list. Prints the equivalent docker network create line, then the network's id.") { list,
                    name, driver, addresses, labels, dryRun };
        verb.SetAction((parsed, cancel) => ExitStatus.OfAsync(async () =>
        {
            using var logs = CniVerbs.Logs(settings(parsed));
            var given = CniEnvironment.ApplyTo(settings(parsed));
            var found = new NetworkListFolder(given.ConfDir).Find(NetworkName.Parse(parsed.GetRequiredValue(list)));
            var review = await new ListReviewer(given, CniComposition.ForVerb(given, logs).Runtime).OfAsync(found, cancel);
            if (!review.IsUsable)
                throw new RefusedException($"the list {found.Name} ({found.Source}) is not usable: {string.Join("; ", review.Faults)}");
            var plan = ImportPlan.For(
                found,
                parsed.GetValue(name) ?? found.Name.ToString(),
                parsed.GetValue(driver) ?? Path.GetFileNameWithoutExtension(given.PluginSocket),
                parsed.GetValue(addresses),
                Labels(found, parsed.GetValue(labels) ?? []));
            Console.Out.WriteLine(plan.CommandLine());
            if (!parsed.GetValue(dryRun))
                Console.Out.WriteLine(await EngineNetworks.CreateAsync(given, plan, cancel));
        }));
        return verb;
    }

    private static SortedDictionary<string, string> Labels(NetworkList list, string[] given)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in ListLabels.Of(list.Source!))
            labels[key] = value;
        foreach (var label in given)
            labels[label.Split('=', 2)[0]] = label.Contains('=', StringComparison.Ordinal) ? label.Split('=', 2)[1] : "";
        return labels;
    }
}
