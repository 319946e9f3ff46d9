using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>Every record of libnetwork's remote driver protocol (libnetwork docs/remote.md; drivers/remote/api).</summary>
[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Activation))]
[JsonSerializable(typeof(DriverCapabilities))]
[JsonSerializable(typeof(CreateNetwork))]
[JsonSerializable(typeof(NetworkCall))]
[JsonSerializable(typeof(CreateEndpoint))]
[JsonSerializable(typeof(EndpointCreated))]
[JsonSerializable(typeof(EndpointCall))]
[JsonSerializable(typeof(ExternalConnectivity))]
[JsonSerializable(typeof(Join))]
[JsonSerializable(typeof(Joined))]
[JsonSerializable(typeof(OperationalInfo))]
[JsonSerializable(typeof(GatewayAllocationAsked))]
[JsonSerializable(typeof(GatewayAllocation))]
[JsonSerializable(typeof(IpamCapabilities))]
[JsonSerializable(typeof(AddressSpaces))]
[JsonSerializable(typeof(RequestPool))]
[JsonSerializable(typeof(PoolRequested))]
[JsonSerializable(typeof(ReleasePool))]
[JsonSerializable(typeof(RequestAddress))]
[JsonSerializable(typeof(AddressRequested))]
[JsonSerializable(typeof(ReleaseAddress))]
[JsonSerializable(typeof(Done))]
[JsonSerializable(typeof(Refusal))]
[JsonSerializable(typeof(IReadOnlyList<PortBinding>))]
/// <summary>The JSON of libnetwork's remote driver protocols (libnetwork docs/remote.md; drivers/remote/api).</summary>
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class DockerJson : JsonSerializerContext;
