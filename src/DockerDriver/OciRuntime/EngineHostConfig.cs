namespace DockerDriver.OciRuntime;

/// <summary>Docker's <c>hostconfig.json</c>, as far as it is read here.</summary>
internal sealed record EngineHostConfig(string? NetworkMode);
