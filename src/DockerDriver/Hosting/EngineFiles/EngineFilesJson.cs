using System.Text.Json.Serialization;

namespace DockerDriver.Hosting.EngineFiles;

/// <summary>What is read of the engine's own files; all else in them is passed over.</summary>
[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = false)]
[JsonSerializable(typeof(ContainerOrigin))]
[JsonSerializable(typeof(ImageManifest))]
[JsonSerializable(typeof(ImageFile))]
internal sealed partial class EngineFilesJson : JsonSerializerContext;
