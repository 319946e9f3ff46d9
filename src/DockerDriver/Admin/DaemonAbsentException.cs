namespace DockerDriver.Admin;

/// <summary>Nobody listens on the admin socket: no daemon runs.</summary>
internal sealed class DaemonAbsentException(string message, Exception inner) : IOException(message, inner);
