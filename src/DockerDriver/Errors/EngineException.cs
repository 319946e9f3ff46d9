namespace DockerDriver.Errors;

/// <summary>
/// The engine did not answer a question: it is down, silent, refuses, or its answer cannot be used. The message is one line. Where the
/// engine refused, the inner exception is Docker.DotNet's <c>DockerApiException</c> with its words.
/// </summary>
internal sealed class EngineException(string message, Exception? inner = null) : Exception(message, inner);
