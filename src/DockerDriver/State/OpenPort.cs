using System.Globalization;

namespace DockerDriver.State;

/// <summary>A published port that is reached on the container's own address.</summary>
/// <param name="Address">The container's address.</param>
/// <param name="Protocol"><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</param>
/// <param name="Port">1 to 65535.</param>
internal sealed record OpenPort(string Address, string Protocol, int Port)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{(Address.Contains(':', StringComparison.Ordinal) ? $"[{Address}]" : Address)}:{Port}/{Protocol}");
}
