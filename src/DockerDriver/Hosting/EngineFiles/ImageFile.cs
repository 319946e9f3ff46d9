using System.Text.Json.Serialization;

namespace DockerDriver.Hosting.EngineFiles;

/// <summary>An image's configuration (OCI image specification, "Image Configuration").</summary>
internal sealed record ImageFile([property: JsonPropertyName("config")] ImageFileConfig? Config);
