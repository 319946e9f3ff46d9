using System.Text.Json.Nodes;
using DockerDriver.Logging;
using DockerDriver.State;

namespace DockerDriver.Cli;

/// <summary>A label container that could not be attached.</summary>
internal sealed record FailedContainerItem(StoredContainer Container) : IInventoryItem
{
    private const string Phase = "failed";

    public bool IsNamed(string id) => Container.Name == id || Container.Id.StartsWith(id, StringComparison.Ordinal);

    public string[] Row() => ["-", ShortId.Of(Container.Id), Container.Name, "-", "-", Phase, "-"];

    public IEnumerable<string> Notes() => new[] { Container.Fault, Next }.OfType<string>();

    private string? Next => Container.NextTry is { } next ? $"next try at {next.ToLocalTime():T}" : null;

    public JsonObject Json() => new()
    {
        ["network"] = null,
        ["containerId"] = Container.Id,
        ["name"] = Container.Name,
        ["phase"] = Phase,
        ["fault"] = Container.Fault,
        ["nextTry"] = Container.NextTry,
        ["labels"] = new JsonObject(Container.Labels.Select(label => KeyValuePair.Create<string, JsonNode?>(label.Key, label.Value))),
        ["changedAt"] = Container.ChangedAt,
    };
}
