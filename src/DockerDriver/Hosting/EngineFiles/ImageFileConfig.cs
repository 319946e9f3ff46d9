namespace DockerDriver.Hosting.EngineFiles;

/// <summary>The part of it that a container inherits.</summary>
internal sealed record ImageFileConfig(IReadOnlyDictionary<string, string>? Labels);
