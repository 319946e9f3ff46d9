using System.Text.Json.Serialization;

namespace DockerDriver.Admin;

/// <summary>The answer of <c>POST /none/attach</c>.</summary>
/// <param name="HasNetworks">Whether it has networks now; it may have asked for none.</param>
internal sealed record Attached([property: JsonPropertyName("attached")] bool HasNetworks);
