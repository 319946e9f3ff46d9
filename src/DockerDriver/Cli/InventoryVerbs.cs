using System.CommandLine;
using DockerDriver.Configuration;
using DockerDriver.Engine;
using DockerDriver.Logging;
using DockerDriver.Startup;

namespace DockerDriver.Cli;

/// <summary><c>cnid networks</c>, <c>cnid attachments</c>, <c>cnid inspect</c>: read from disk, with or without a running daemon.</summary>
internal static class InventoryVerbs
{
    public static IEnumerable<Command> All(Func<ParseResult, Settings> settings)
    {
        yield return Listing(
            "networks",
                "List the network lists and whether they are usable, and Docker's networks; a * marks built-in plugins.",
                settings,
            (inventory, cancel) => inventory.NetworksAsync(cancel), ["LIST", "DOCKER NETWORKS", "VERSION", "PLUGINS", "STATE"]);
        yield return Listing("attachments",
            "List the attachments and their plugins; a * marks built-in plugins.", settings,
            (inventory, _) => Task.FromResult<IReadOnlyList<IInventoryItem>>([.. inventory.Attachments()]),
                ["NETWORK", "ID", "CONTAINER", "INTERFACE", "ADDRESSES", "PHASE", "PLUGINS"]);
        yield return Inspect(settings);
    }

    private static Command Listing(string name, string help,
        Func<ParseResult, Settings> settings, Func<Inventory, CancellationToken, Task<IReadOnlyList<IInventoryItem>>> read, string[] head)
    {
        var json = new Option<bool>("--json") { Description = "print a JSON array" };
        var verb = new Command(name, help) { json };
        verb.SetAction((parsed, cancel) => ExitStatus.OfAsync(async () =>
        {
            using var logs = CniVerbs.Logs(settings(parsed));
            var items = await read(await InventoryOfAsync(settings(parsed), logs, cancel), cancel);
            Console.Out.WriteLine(parsed.GetValue(json)
                ? JsonText.Indented(JsonText.Array(items.Select(item => item.Json())))
                : TextTable.Of(head, items.Select(item => (item.Row(), item.Notes())), Terminal.Width));
        }));
        return verb;
    }

    private static Command Inspect(Func<ParseResult, Settings> settings)
    {
        var id = new Argument<string>("ID")
        {
            Description = "a network's name or Docker id, a container's name, a container or endpoint id; or the beginning of an id"
        };
        var json = new Option<bool>("--json") { Description = "print a JSON array" };
        var verb = new Command("inspect", "Print all data of a list, a Docker network or an attachment.") { id, json };
        verb.SetAction((parsed, cancel) => ExitStatus.OfAsync(async () =>
        {
            using var logs = CniVerbs.Logs(settings(parsed));
            var inventory = await InventoryOfAsync(settings(parsed), logs, cancel);
            var found = (await inventory.FindAsync(parsed.GetRequiredValue(id), cancel)).Select(item => item.Json());
            Console.Out.WriteLine(parsed.GetValue(json)
                ? JsonText.Indented(JsonText.Array(found))
                : string.Join("\n\n", found.Select(ItemText.Of)));
        }));
        return verb;
    }

    private static async Task<Inventory> InventoryOfAsync(Settings settings, ILoggerFactory logs, CancellationToken cancel)
    {
        var given = CniEnvironment.ApplyTo(settings);
        var names = await EngineNames.ReadAsync(given, cancel);
        if (names.Fault is { } fault)
            Console.Error.WriteLine($"cnid: without Docker's names: {PlainText.Of(fault)}");
        return new(given, CniComposition.ForVerb(given, logs).Runtime, names);
    }
}
