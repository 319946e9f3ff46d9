using System.Text.Json.Serialization;

namespace DockerDriver.Admin;

/// <summary>The answer of <c>POST /networks/forget/ID</c>.</summary>
/// <param name="Id">The network's Docker id.</param>
/// <param name="List">The name of its list.</param>
internal sealed record Forgotten([property: JsonPropertyName("id")] string Id, [property: JsonPropertyName("list")] string List);
