using System.Text.Json.Serialization;

namespace DockerDriver.Hosting.EngineFiles;

/// <summary>One platform's image (OCI image specification, "Image Manifest"). An index of several has no configuration.</summary>
internal sealed record ImageManifest([property: JsonPropertyName("config")] ContentDescriptor? Config);
