using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>The answer that says no. Docker shows <see cref="Reason"/> to its user as it stands.</summary>
internal sealed record Refusal([property: JsonPropertyName("Err")] string Reason);
