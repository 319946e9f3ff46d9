namespace DockerDriver.OciRuntime;

/// <summary>The container is not to start. The message is the one line that <c>docker run</c> shows.</summary>
internal sealed class OciRuntimeException(string message, Exception? inner = null) : Exception(message, inner);
