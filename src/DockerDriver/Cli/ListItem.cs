using System.Text.Json.Nodes;
using CniCore.Spec;
using DockerDriver.Engine;
using DockerDriver.Lists;
using DockerDriver.State;

namespace DockerDriver.Cli;

/// <summary>A file of the configuration folder: a network list, whether it is usable, and its Docker networks.</summary>
/// <param name="Builtins">The plugin types that are built in and would be used.</param>
internal sealed record ListItem(ListReview Review, IReadOnlyList<string> Builtins, IReadOnlyList<StoredNetwork> Networks, EngineNames Names)
    : IInventoryItem
{
    private IEnumerable<string> Types => Review.List?.Plugins.Select(plugin => plugin.Type.ToString()) ?? [];

    private string Name => Review.List?.Name.ToString() ?? Path.GetFileName(Review.Path);

    public bool IsNamed(string id) => Name == id || Review.Path == id;

    public string[] Row() =>
    [
        Name,
        Networks.Count == 0 ? "-" : string.Join(", ", Networks.Select(network => Names.OfNetwork(network.Id))),
        Review.List?.CniVersion ?? "-",
        Review.List is null ? "-" : PluginNames.Text(Types, Builtins),
        Review.IsUsable ? "usable" : "not usable",
    ];

    public IEnumerable<string> Notes() =>
    [
        .. Review.Faults,
        .. Networks.Where(IsEdited).Select(network =>
            $"{Names.OfNetwork(network.Id)} keeps the list as of its creation: recreate it to apply the changes of {Review.Path}"),
        .. Networks.SelectMany(Names.NotesOn),
    ];

    public JsonObject Json() => new()
    {
        ["name"] = Name,
        ["usable"] = Review.IsUsable,
        ["faults"] = new JsonArray([.. Review.Faults.Select(fault => (JsonNode)fault)]),
        ["cniVersion"] = Review.List?.CniVersion,
        ["plugins"] = PluginNames.Json(Types, Builtins),
        ["source"] = Review.Path,
        ["dockerNetworks"] = new JsonArray([.. Networks.Select(network => (JsonNode)new JsonObject
        {
            ["id"] = network.Id,
            ["name"] = Names.Networks.GetValueOrDefault(network.Id),
            ["hasListAsItIs"] = !IsEdited(network),
        })]),
    };

    // Compares the plugins as written, except for white space.
    private bool IsEdited(StoredNetwork network) =>
        Review.List is { } list && !network.List.Plugins.Select(Canonical)
            .SequenceEqual(list.Plugins.Select(Canonical), StringComparer.Ordinal);

    private static string Canonical(PluginConfig plugin) => JsonNode.Parse(plugin.Json.GetRawText())!.ToJsonString();
}
