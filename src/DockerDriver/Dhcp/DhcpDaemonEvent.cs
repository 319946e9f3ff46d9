namespace DockerDriver.Dhcp;

/// <summary>A DHCP daemon has started or ended.</summary>
/// <param name="Socket">The socket that it serves.</param>
/// <param name="HasEnded">It has ended; otherwise another one has started, without the earlier leases.</param>
/// <param name="At">When it was detected.</param>
internal sealed record DhcpDaemonEvent(string Socket, bool HasEnded, DateTimeOffset At);
