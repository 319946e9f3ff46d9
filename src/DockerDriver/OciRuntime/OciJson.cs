using System.Text.Json.Serialization;

namespace DockerDriver.OciRuntime;

/// <summary>What is read of the OCI runtime specification's and the engine's files; all else in them is passed over.</summary>
[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = false)]
[JsonSerializable(typeof(OciState))]
[JsonSerializable(typeof(EngineConfig))]
[JsonSerializable(typeof(EngineHostConfig))]
internal sealed partial class OciJson : JsonSerializerContext;
