using System.Text.Json;

namespace DockerDriver.OciRuntime;

/// <summary>The part of <c>config.v2.json</c> that the user and the image chose.</summary>
internal sealed record EngineContainerConfig(
    IReadOnlyDictionary<string, string>? Labels, IReadOnlyDictionary<string, JsonElement>? ExposedPorts);
