namespace DockerDriver.OciRuntime;

/// <summary>Docker's <c>hostconfig.json</c>, as far as it is read here.</summary>
/// <param name="NetworkMode">As <c>docker run --network</c> had it.</param>
/// <param name="PortBindings"><c>-p</c>, by the container's port.</param>
/// <param name="PublishAllPorts"><c>-P</c>.</param>
internal sealed record EngineHostConfig(
    string? NetworkMode, IReadOnlyDictionary<string, IReadOnlyList<EnginePortBinding>?>? PortBindings, bool? PublishAllPorts);
