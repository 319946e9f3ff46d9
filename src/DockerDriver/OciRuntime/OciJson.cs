using System.Text.Json;
using System.Text.Json.Serialization;

namespace DockerDriver.OciRuntime;

/// <summary>The standard input of a hook (OCI runtime specification, "State").</summary>
internal sealed record OciState([property: JsonPropertyName("id")] string Id, [property: JsonPropertyName("pid")] int Pid);

/// <summary>The members of Docker's <c>config.v2.json</c> that are read (moby container/container.go).</summary>
internal sealed record EngineConfig(string? Name, EngineContainerConfig? Config);

/// <summary>The part of <c>config.v2.json</c> that comes from the user and the image.</summary>
internal sealed record EngineContainerConfig(
    IReadOnlyDictionary<string, string>? Labels, IReadOnlyDictionary<string, JsonElement>? ExposedPorts);

/// <summary>The members of Docker's <c>hostconfig.json</c> that are read.</summary>
/// <param name="NetworkMode">The value of <c>docker run --network</c>.</param>
/// <param name="PortBindings"><c>-p</c>, by container port.</param>
/// <param name="PublishAllPorts"><c>-P</c>.</param>
internal sealed record EngineHostConfig(
    string? NetworkMode, IReadOnlyDictionary<string, IReadOnlyList<EnginePortBinding>?>? PortBindings, bool? PublishAllPorts);

/// <summary>The host's side of a published port; either may be empty.</summary>
internal sealed record EnginePortBinding(string? HostIp, string? HostPort);

/// <summary>The JSON that is read from the OCI bundle's and the engine's files; other members are ignored.</summary>
[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = false)]
[JsonSerializable(typeof(OciState))]
[JsonSerializable(typeof(EngineConfig))]
[JsonSerializable(typeof(EngineHostConfig))]
internal sealed partial class OciJson : JsonSerializerContext;
