using System.Text.Json.Serialization;

namespace DockerDriver.Admin;

/// <summary>Every record of the admin socket.</summary>
[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Alive))]
[JsonSerializable(typeof(ReadinessReport))]
[JsonSerializable(typeof(AdminError))]
[JsonSerializable(typeof(AttachCall))]
[JsonSerializable(typeof(Attached))]
[JsonSerializable(typeof(Retried))]
[JsonSerializable(typeof(Forgotten))]
[JsonSerializable(typeof(Released))]
internal sealed partial class AdminJson : JsonSerializerContext;
