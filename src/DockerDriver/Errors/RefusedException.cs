namespace DockerDriver.Errors;

/// <summary>The request is understood but cannot be fulfilled. The message is one line for the user: the cause and a solution.</summary>
internal sealed class RefusedException(string message) : Exception(message);
