namespace DockerDriver.Errors;

/// <summary>
/// What Docker asked for is understood and not possible. The message is the one line its user sees: the thing, and the way out.
/// </summary>
internal sealed class RefusedException(string message) : Exception(message);
