using System.Text.Json.Serialization;

namespace DockerDriver.Admin;

/// <summary>The answer of <c>GET /ready</c>.</summary>
/// <param name="Ready">Whether all is in order.</param>
/// <param name="NotReady">What is not, by name, each with the reason.</param>
internal sealed record ReadinessReport(
    [property: JsonPropertyName("ready")] bool Ready,
    [property: JsonPropertyName("notReady")] IReadOnlyDictionary<string, string> NotReady);
