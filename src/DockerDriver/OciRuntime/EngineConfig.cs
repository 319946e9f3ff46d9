namespace DockerDriver.OciRuntime;

/// <summary>Docker's <c>config.v2.json</c>, as far as it is read here (moby container/container.go).</summary>
internal sealed record EngineConfig(string? Name, EngineContainerConfig? Config);
