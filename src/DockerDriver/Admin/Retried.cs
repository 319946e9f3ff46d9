using System.Text.Json.Serialization;

namespace DockerDriver.Admin;

/// <summary>The answer of <c>POST /none/retry/NETWORK</c>.</summary>
/// <param name="Containers">How many had a DEL that has failed before; it has succeeded now.</param>
internal sealed record Retried([property: JsonPropertyName("containers")] int Containers);
