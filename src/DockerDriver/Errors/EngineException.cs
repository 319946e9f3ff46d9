namespace DockerDriver.Errors;

/// <summary>
/// A request to the engine failed: it is down, hangs, refuses, or its answer is invalid. The message is one line. If the engine refused,
/// the inner exception is Docker.DotNet's <c>DockerApiException</c> with its message.
/// </summary>
internal sealed class EngineException(string message, Exception? inner = null) : Exception(message, inner);
