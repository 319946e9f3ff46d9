using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>Answer to <c>CreateEndpoint</c>: what the driver chose.</summary>
internal sealed record EndpointCreated([property: JsonPropertyName("Interface")] EndpointInterface Interface);
