using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Processes;

namespace CniCore.Plugins.PortMap;

/// <summary>
/// Whether another process stands on a host port. This process may: who calls plugins may hold the port for the container already.
/// In the namespace of the calling thread.
/// </summary>
internal static class HostPort
{
    /// <summary>Of tcp and udp. For sctp, which this runtime has no sockets for, never.</summary>
    public static bool IsTaken(PortMapping mapping) => mapping.Protocol switch
    {
        "tcp" => IsTaken(mapping, SocketType.Stream, ProtocolType.Tcp),
        "udp" => IsTaken(mapping, SocketType.Dgram, ProtocolType.Udp),
        _ => false,
    };

    // Binding is cheaper than reading the kernel's list of sockets, which shows none that is bound and does not listen.
    private static bool IsTaken(PortMapping mapping, SocketType type, ProtocolType protocol)
    {
        using var alone = ChildProcess.Starting.EnterScope();
        var address = !string.IsNullOrEmpty(mapping.HostIp) ? IPAddress.Parse(mapping.HostIp) : Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        using var socket = new Socket(address.AddressFamily, type, protocol);
        try
        {
            if (address.Equals(IPAddress.IPv6Any))
                socket.DualMode = string.IsNullOrEmpty(mapping.HostIp);
            socket.Bind(new IPEndPoint(address, mapping.HostPort));
            return false;
        }
        catch (SocketException fault)
        {
            // An address that the host has not is no hindrance: it may get it.
            return fault.SocketErrorCode == SocketError.AddressAlreadyInUse && !IsHeldHere(protocol, new(address, mapping.HostPort));
        }
    }

    // Two processes cannot stand on the same; so it is this one's, and nobody else's.
    private static bool IsHeldHere(ProtocolType protocol, IPEndPoint wanted) => OwnSockets.Bound().Any(own =>
        own.Protocol == (int)protocol && own.Local.Port == wanted.Port && (own.Local.Address.Equals(wanted.Address) || (IsAny(own.Local.Address) && IsAny(wanted.Address))));

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
