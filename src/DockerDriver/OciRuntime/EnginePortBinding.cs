namespace DockerDriver.OciRuntime;

/// <summary>The host's side of a published port; either may be empty.</summary>
internal sealed record EnginePortBinding(string? HostIp, string? HostPort);
