namespace DockerDriver.Admin;

/// <summary>Nobody listens on the admin socket: no daemon is running.</summary>
internal sealed class DaemonAbsentException(string message, Exception inner) : IOException(message, inner);
