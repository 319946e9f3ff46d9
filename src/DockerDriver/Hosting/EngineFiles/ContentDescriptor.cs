using System.Text.Json.Serialization;

namespace DockerDriver.Hosting.EngineFiles;

/// <summary>What is meant, by its digest (OCI image specification, "Content Descriptors").</summary>
internal sealed record ContentDescriptor([property: JsonPropertyName("digest")] string? Digest);
