using System.Text.Json.Serialization;

namespace DockerDriver.Engine.Files;

/// <summary>The image of a container, from its <c>config.v2.json</c> (moby container/container.go).</summary>
/// <param name="Image">The image's id: its configuration's, or with containerd's image store its index's or manifest's.</param>
/// <param name="Driver">The storage driver, which names the folder of the image store.</param>
/// <param name="ImageManifest">The manifest of its platform; null with the older image store.</param>
internal sealed record ContainerOrigin(string? Image, string? Driver, ContentDescriptor? ImageManifest);

/// <summary>A reference by digest (OCI image specification, "Content Descriptors").</summary>
internal sealed record ContentDescriptor([property: JsonPropertyName("digest")] string? Digest);

/// <summary>The image of one platform (OCI image specification, "Image Manifest"). An index of several has no configuration.</summary>
internal sealed record ImageManifest([property: JsonPropertyName("config")] ContentDescriptor? Config);

/// <summary>An image's configuration (OCI image specification, "Image Configuration").</summary>
internal sealed record ImageFile([property: JsonPropertyName("config")] ImageFileConfig? Config);

/// <summary>The part of the configuration that a container inherits.</summary>
internal sealed record ImageFileConfig(IReadOnlyDictionary<string, string>? Labels);

/// <summary>The JSON that is read from the engine's files; other members are ignored.</summary>
[JsonSourceGenerationOptions(RespectRequiredConstructorParameters = false)]
[JsonSerializable(typeof(ContainerOrigin))]
[JsonSerializable(typeof(ImageManifest))]
[JsonSerializable(typeof(ImageFile))]
internal sealed partial class EngineFilesJson : JsonSerializerContext;
