using System.Net;
using System.Net.Sockets;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.State;

namespace DockerDriver.HostPorts;

/// <summary>The socket that reserves one published port: bound, and listening only where <see cref="PortProxy"/> serves on it.</summary>
internal static class PortSocket
{
    /// <summary>How an administrator raises the open-file limit.</summary>
    public const string RaiseLimitHint = "raise LimitNOFILE of cnid.service (docker run: --ulimit nofile; a shell: ulimit -n)";

    private const int SOL_SOCKET = 1; // asm-generic/socket.h
    private const int SO_REUSEADDR = 2;

    /// <summary>
    /// .NET has no sctp sockets, and the kernel's sctp may be an uninstalled module: such a port is reserved within cnid only.
    /// </summary>
    public static bool CanHold(string protocol) => protocol != "sctp";

    /// <summary>
    /// Whether two host addresses of <c>-p</c> have an address in common: empty means all, <c>0.0.0.0</c> and <c>::</c> all of a family.
    /// </summary>
    public static bool Overlap(string address, string other) =>
        address == other || address.Length == 0 || other.Length == 0
        || (IsV6(address) == IsV6(other) && (address is "0.0.0.0" or "::" || other is "0.0.0.0" or "::"));

    /// <summary>Binds the socket. Null where the port is in use, or the protocol has no sockets.</summary>
    /// <exception cref="RefusedException">Another error: the address is not the host's, or the open-file limit is reached.</exception>
    public static Socket? Bind(PublishedPort port)
    {
        if (!CanHold(port.Protocol))
            return null;
        var all = Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        var address = port.HostIp.Length > 0 ? AddressText.Parse(port.HostIp) : all;
        var (type, protocol) = port.Protocol == "udp" ? (SocketType.Dgram, ProtocolType.Udp) : (SocketType.Stream, ProtocolType.Tcp);
        Socket? socket = null;
        try
        {
            socket = new Socket(address.AddressFamily, type, protocol);
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = port.HostIp.Length == 0;
            socket.Bind(new IPEndPoint(address, port.HostPort));
            // .NET sets SO_REUSEADDR on TCP sockets; without it, another process's listen(2) on the port fails.
            SetReuse(socket, isOn: false);
            return socket;
        }
        catch (SocketException fault)
        {
            socket?.Dispose();
            return fault.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => null,
                SocketError.TooManyOpenSockets => throw new RefusedException($"Bind for {port.HostSide} failed: cnid cannot open more "
                    + $"files ({fault.Message}); {RaiseLimitHint}, or the host's fs.file-max, or publish fewer ports"),
                _ => throw new RefusedException($"Bind for {port.HostSide} failed: {fault.Message}"),
            };
        }
    }

    /// <summary>
    /// Sets SO_REUSEADDR on an accepted connection. A closed connection stays in TIME_WAIT for a minute, and the port can be bound again
    /// only if both sockets have the option; an accepted one inherits it, cleared, from the listener.
    /// </summary>
    public static void AllowRebind(Socket accepted) => SetReuse(accepted, isOn: true);

    /// <summary>Listens, even if closed connections of an earlier socket are in TIME_WAIT.</summary>
    /// <exception cref="SocketException">Another process listens on the port.</exception>
    public static void Listen(Socket held, int backlog)
    {
        SetReuse(held, isOn: true);
        try
        {
            held.Listen(backlog);
        }
        finally
        {
            SetReuse(held, isOn: false);
        }
    }

    private static void SetReuse(Socket socket, bool isOn) =>
        socket.SetRawSocketOption(SOL_SOCKET, SO_REUSEADDR, [isOn ? (byte)1 : (byte)0, 0, 0, 0]);

    private static bool IsV6(string address) => address.Contains(':', StringComparison.Ordinal);
}
