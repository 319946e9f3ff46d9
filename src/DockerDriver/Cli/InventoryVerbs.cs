using System.CommandLine;
using DockerDriver.Hosting;

namespace DockerDriver.Cli;

/// <summary><c>cnid networks</c>, <c>cnid attachments</c>, <c>cnid inspect</c>: what there is, read from disk, whether the daemon runs or not.</summary>
internal static class InventoryVerbs
{
    public static IEnumerable<Command> All(Func<ParseResult, Settings> settings)
    {
        yield return Listing("networks", "List the network lists and Docker's networks made of them, and who performs their plugins.", settings,
            inventory => inventory.Networks(), ["NAME", "DOCKER ID", "VERSION", "PLUGINS", "SOURCE"]);
        yield return Listing("attachments", "List what is attached, and who performed the plugins.", settings,
            inventory => inventory.Attachments(), ["NETWORK", "CONTAINER OR ENDPOINT", "NAME", "INTERFACE", "ADDRESSES", "PHASE", "PLUGINS", "FAULT"]);
        yield return Inspect(settings);
    }

    private static Command Listing(string name, string help, Func<ParseResult, Settings> settings, Func<Inventory, IEnumerable<IInventoryItem>> read, string[] head)
    {
        var json = new Option<bool>("--json") { Description = "for programs: a JSON array" };
        var verb = new Command(name, help) { json };
        verb.SetAction((parsed, _) => ExitStatus.OfAsync(() =>
        {
            using var logs = CniVerbs.Logs(settings(parsed));
            var items = read(InventoryOf(settings(parsed), logs)).ToList();
            Console.Out.WriteLine(parsed.GetValue(json)
                ? JsonText.Indented(JsonText.Array(items.Select(item => item.Json())))
                : TextTable.Of(head, items.Select(item => item.Row())));
            return Task.CompletedTask;
        }));
        return verb;
    }

    private static Command Inspect(Func<ParseResult, Settings> settings)
    {
        var id = new Argument<string>("ID") { Description = "a network's name or Docker id, a container or endpoint id; or the beginning of an id" };
        var verb = new Command("inspect", "Print all that is known of a network or an attachment, as JSON.") { id };
        verb.SetAction((parsed, _) => ExitStatus.OfAsync(() =>
        {
            using var logs = CniVerbs.Logs(settings(parsed));
            Console.Out.WriteLine(JsonText.Indented(JsonText.Array(InventoryOf(settings(parsed), logs).Find(parsed.GetRequiredValue(id)).Select(item => item.Json()))));
            return Task.CompletedTask;
        }));
        return verb;
    }

    private static Inventory InventoryOf(Settings settings, ILoggerFactory logs)
    {
        var given = CniEnvironment.Over(settings);
        return new(given, CniVerbs.RuntimeOf(given, logs));
    }
}
