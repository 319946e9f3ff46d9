using System.Text.Json.Serialization;

namespace DockerDriver.Admin;

/// <summary>The answer of <c>POST /none/retry/NETWORK</c> and <c>POST /starts/end/ID</c>.</summary>
/// <param name="Containers">
/// How many had a DEL that has failed before, and has succeeded now; or were to be started again, and are not any more.
/// </param>
internal sealed record Retried([property: JsonPropertyName("containers")] int Containers);
