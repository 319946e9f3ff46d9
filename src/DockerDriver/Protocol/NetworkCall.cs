using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>A call that names a network and nothing else: <c>NetworkDriver.DeleteNetwork</c>.</summary>
internal sealed record NetworkCall([property: JsonPropertyName("NetworkID")] string NetworkId);
