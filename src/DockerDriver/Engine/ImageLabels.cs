namespace DockerDriver.Engine;

/// <summary>The labels of a container's image.</summary>
/// <param name="Labels">Its labels.</param>
/// <param name="Fault">Why they cannot be determined, in one line; null where they are.</param>
internal sealed record ImageLabels(IReadOnlyDictionary<string, string> Labels, string? Fault);
