using System.Net;
using System.Net.Sockets;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.State;

namespace DockerDriver.HostPorts;

/// <summary>The socket that holds one published port: bound, and listening only where <see cref="PortProxy"/> serves by it.</summary>
internal static class PortSocket
{
    /// <summary>What an administrator does about the limit of open files.</summary>
    public const string WayOut = "raise LimitNOFILE of cnid.service (docker run: --ulimit nofile; a shell: ulimit -n)";

    private const int SOL_SOCKET = 1; // asm-generic/socket.h
    private const int SO_REUSEADDR = 2;

    /// <summary>
    /// The kernel's sctp may be a module that is not there, and this runtime has no sockets for it: such a port is held among ours only.
    /// </summary>
    public static bool CanHold(string protocol) => protocol != "sctp";

    /// <summary>
    /// Whether two host addresses of <c>-p</c> have an address in common: empty is all, <c>0.0.0.0</c> and <c>::</c> all of a family.
    /// </summary>
    public static bool Overlap(string one, string other) =>
        one == other || one.Length == 0 || other.Length == 0
        || (IsV6(one) == IsV6(other) && (one is "0.0.0.0" or "::" || other is "0.0.0.0" or "::"));

    /// <summary>Binds it. Null: the port is taken, or the protocol has no sockets.</summary>
    /// <exception cref="RefusedException">It cannot be bound for another reason: the address is not this host's, or no file can be
    /// opened.</exception>
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
            // .NET's Bind lets others reuse the address of a TCP socket; taken back, their listen(2) fails.
            SetReuse(socket, isOn: false);
            return socket;
        }
        catch (SocketException fault)
        {
            socket?.Dispose();
            return fault.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => null,
                SocketError.TooManyOpenSockets => throw new RefusedException($"Bind for {port.HostSide} failed: cnid can open no more "
                    + $"files ({fault.Message}); {WayOut}, or the host's fs.file-max, or publish fewer ports"),
                _ => throw new RefusedException($"Bind for {port.HostSide} failed: {fault.Message}"),
            };
        }
    }

    /// <summary>
    /// A connection that has ended waits for a minute in the kernel (TIME_WAIT), and keeps its port from being bound again unless both
    /// sockets let others reuse the address. What was accepted inherits the opposite from the socket that holds the port.
    /// </summary>
    public static void AllowRebind(Socket accepted) => SetReuse(accepted, isOn: true);

    /// <summary>Listens, also beside connections of an earlier socket that wait for their end.</summary>
    /// <exception cref="SocketException">Another process listens there.</exception>
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
