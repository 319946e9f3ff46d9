using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace CniCore.Plugins.PortMap;

/// <summary>
/// Whether another process stands on a host port. This process may: who calls plugins may hold the port for the container already.
/// In the namespace of the calling thread.
/// </summary>
internal static class HostPort
{
    private const string Listening = "0A"; // net/tcp_states.h: TCP_LISTEN

    public static bool IsTaken(PortMapping mapping) => mapping.Protocol != "sctp" && !CanBind(mapping) && Sockets(mapping).Any(socket => !OwnSockets().Contains(socket));

    // Cheaper than reading the kernel's list of sockets, and nearly always the end of it.
    private static bool CanBind(PortMapping mapping)
    {
        var any = Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        var address = string.IsNullOrEmpty(mapping.HostIp) ? any : IPAddress.Parse(mapping.HostIp);
        var (type, protocol) = mapping.Protocol == "udp" ? (SocketType.Dgram, ProtocolType.Udp) : (SocketType.Stream, ProtocolType.Tcp);
        using var socket = new Socket(address.AddressFamily, type, protocol);
        try
        {
            if (address.Equals(IPAddress.IPv6Any))
                socket.DualMode = string.IsNullOrEmpty(mapping.HostIp);
            socket.Bind(new IPEndPoint(address, mapping.HostPort));
            return true;
        }
        catch (SocketException fault)
        {
            return fault.SocketErrorCode != SocketError.AddressAlreadyInUse;
        }
    }

    // The inodes of those that listen on it (proc(5), /proc/net/tcp).
    private static IEnumerable<string> Sockets(PortMapping mapping) =>
        from file in new[] { mapping.Protocol, mapping.Protocol + "6" }
        let path = $"/proc/thread-self/net/{file}"
        where File.Exists(path)
        from line in File.ReadLines(path).Skip(1)
        let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        where int.Parse(fields[1].AsSpan(fields[1].IndexOf(':', StringComparison.Ordinal) + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture) == mapping.HostPort
        where mapping.Protocol == "udp" || fields[3] == Listening
        select fields[9];

    private static HashSet<string> OwnSockets() => [.. Directory
        .EnumerateFiles("/proc/self/fd")
        .Select(path => new FileInfo(path).LinkTarget ?? "")
        .Where(target => target.StartsWith("socket:[", StringComparison.Ordinal))
        .Select(target => target["socket:[".Length..^1])];
}
