using System.Text.Json.Serialization;

namespace DockerDriver.OciRuntime;

/// <summary>What a hook gets on its standard input (OCI runtime specification, "State").</summary>
internal sealed record OciState([property: JsonPropertyName("id")] string Id, [property: JsonPropertyName("pid")] int Pid);
