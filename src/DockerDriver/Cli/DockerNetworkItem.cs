using System.Text.Json.Nodes;
using CniCore.Spec;
using DockerDriver.Engine;
using DockerDriver.State;

namespace DockerDriver.Cli;

/// <summary>A Docker network, with its stored list.</summary>
/// <param name="Builtins">The plugin types that are built in and would be used.</param>
internal sealed record DockerNetworkItem(StoredNetwork Network, NetworkList List, IReadOnlyList<string> Builtins, EngineNames Names)
    : IInventoryItem
{
    public bool IsNamed(string id) => List.Name.ToString() == id || Names.Networks.GetValueOrDefault(Network.Id) == id
        || Network.Id.StartsWith(id, StringComparison.Ordinal);

    public string[] Row() =>
    [
        List.Name.ToString(),
        Names.OfNetwork(Network.Id),
        List.CniVersion,
        PluginNames.Text(List.Plugins.Select(plugin => plugin.Type.ToString()), Builtins),
        Network.Bridge is null ? "stored" : "generated",
    ];

    public IEnumerable<string> Notes() => Names.NotesOn(Network);

    public JsonObject Json() => new()
    {
        ["name"] = List.Name.ToString(),
        ["dockerId"] = Network.Id,
        ["dockerName"] = Names.Networks.GetValueOrDefault(Network.Id),
        ["cniVersion"] = List.CniVersion,
        ["plugins"] = PluginNames.Json(List.Plugins.Select(plugin => plugin.Type.ToString()), Builtins),
        ["source"] = Network.Source,
        ["generated"] = Network.Bridge is not null,
        ["addressesBy"] = Network.UsesListIpam ? "list" : "docker",
        ["createdAt"] = Network.CreatedAt,
        ["list"] = JsonNode.Parse(Network.List.ToJson()),
    };
}
