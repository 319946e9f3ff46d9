using System.Text.Json.Nodes;
using CniCore.Spec;
using DockerDriver.State;

namespace DockerDriver.Cli;

/// <summary>A network list, and Docker's network that was made of it.</summary>
/// <param name="List">As an ADD would take it now.</param>
/// <param name="Builtins">The types that cnid would perform itself.</param>
/// <param name="Stored">Docker's network; null for a list nobody made one of yet.</param>
internal sealed record NetworkItem(NetworkList List, IReadOnlyList<string> Builtins, StoredNetwork? Stored) : IInventoryItem
{
    public bool IsNamed(string id) => List.Name.ToString() == id || Stored?.Id.StartsWith(id, StringComparison.Ordinal) == true;

    public string[] Row() =>
    [
        List.Name.ToString(),
        Stored is null ? "-" : Stored.Id[..Math.Min(12, Stored.Id.Length)],
        List.CniVersion,
        PluginNames.Text(List.Plugins.Select(plugin => plugin.Type.ToString()), Builtins),
        Stored switch { null => List.Source ?? "-", { Bridge: not null } => "generated", _ => "as it was at docker network create" },
    ];

    public JsonObject Json() => new()
    {
        ["name"] = List.Name.ToString(),
        ["dockerId"] = Stored?.Id,
        ["cniVersion"] = List.CniVersion,
        ["plugins"] = PluginNames.Json(List.Plugins.Select(plugin => plugin.Type.ToString()), Builtins),
        ["source"] = List.Source,
        ["generated"] = Stored?.Bridge is not null,
        ["list"] = Stored is null ? null : JsonObject.Create(Stored.List),
    };
}
