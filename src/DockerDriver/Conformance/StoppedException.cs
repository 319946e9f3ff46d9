namespace DockerDriver.Conformance;

/// <summary>A check cannot go on: something it builds upon did not work.</summary>
internal sealed class StoppedException(string message) : Exception(message);
