namespace DockerDriver.OciRuntime;

/// <summary>The container must not start. The message is one line, which <c>docker run</c> shows.</summary>
internal sealed class OciRuntimeException(string message, Exception? inner = null) : Exception(message, inner);
