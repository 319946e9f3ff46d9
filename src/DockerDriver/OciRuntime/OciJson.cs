using System.Text.Json;
using System.Text.Json.Serialization;

namespace DockerDriver.OciRuntime;

/// <summary>What a hook gets on its standard input (OCI runtime specification, "State").</summary>
internal sealed record OciState([property: JsonPropertyName("id")] string Id, [property: JsonPropertyName("pid")] int Pid);

/// <summary>Docker's <c>config.v2.json</c>, as far as it is read here (moby container/container.go).</summary>
internal sealed record EngineConfig(string? Name, EngineContainerConfig? Config);

/// <summary>The part of <c>config.v2.json</c> that the user and the image chose.</summary>
internal sealed record EngineContainerConfig(
    IReadOnlyDictionary<string, string>? Labels, IReadOnlyDictionary<string, JsonElement>? ExposedPorts);

/// <summary>Docker's <c>hostconfig.json</c>, as far as it is read here.</summary>
/// <param name="NetworkMode">As <c>docker run --network</c> had it.</param>
/// <param name="PortBindings"><c>-p</c>, by the container's port.</param>
/// <param name="PublishAllPorts"><c>-P</c>.</param>
internal sealed record EngineHostConfig(
    string? NetworkMode, IReadOnlyDictionary<string, IReadOnlyList<EnginePortBinding>?>? PortBindings, bool? PublishAllPorts);

/// <summary>The host's side of a published port; either may be empty.</summary>
internal sealed record EnginePortBinding(string? HostIp, string? HostPort);

/// <summary>What is read of the OCI runtime specification's and the engine's files; all else in them is passed over.</summary>
[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = false)]
[JsonSerializable(typeof(OciState))]
[JsonSerializable(typeof(EngineConfig))]
[JsonSerializable(typeof(EngineHostConfig))]
internal sealed partial class OciJson : JsonSerializerContext;
