namespace DockerDriver.Engine;

/// <summary>What the engine says of a container's image.</summary>
/// <param name="Labels">Its labels.</param>
/// <param name="Fault">Why they cannot be told, in one line; null where they can.</param>
internal sealed record ImageLabels(IReadOnlyDictionary<string, string> Labels, string? Fault);
