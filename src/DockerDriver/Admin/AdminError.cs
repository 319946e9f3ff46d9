using System.Text.Json.Serialization;

namespace DockerDriver.Admin;

/// <summary>The answer that says no: one line for people.</summary>
internal sealed record AdminError([property: JsonPropertyName("error")] string Reason);
