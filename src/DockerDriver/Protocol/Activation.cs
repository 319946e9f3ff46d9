using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>Answer to <c>Plugin.Activate</c>: which of Docker's drivers this socket serves (moby pkg/plugins).</summary>
internal sealed record Activation([property: JsonPropertyName("Implements")] IReadOnlyList<string> Implements);
