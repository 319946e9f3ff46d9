namespace DockerDriver.OciRuntime;

/// <summary>The part of <c>config.v2.json</c> that the user chose.</summary>
internal sealed record EngineContainerConfig(IReadOnlyDictionary<string, string>? Labels);
