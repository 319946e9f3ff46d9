namespace DockerDriver.Dhcp;

/// <summary>Something has become of a DHCP daemon.</summary>
/// <param name="Socket">The socket it served.</param>
/// <param name="HasEnded">It has ended; otherwise there is another one, which knows of no lease from before.</param>
/// <param name="At">When that was seen.</param>
internal sealed record DhcpDaemonEvent(string Socket, bool HasEnded, DateTimeOffset At);
