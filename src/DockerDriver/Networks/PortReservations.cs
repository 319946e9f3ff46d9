using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.Networks;

/// <summary>
/// The host ports that published ports stand on. libnetwork reserves none for a remote driver, so each is held by a bound socket:
/// neither another container nor a process of the host can take it while it is mapped. Nothing ever reaches that socket: the
/// mapping rewrites the packets before. Docker's proxy does the same (moby #48132).
/// </summary>
internal sealed class PortReservations
{
    private const int SOL_SOCKET = 1; // asm-generic/socket.h
    private const int SO_REUSEADDR = 2;

    private readonly ConcurrentDictionary<string, List<Reservation>> byEndpoint = new(StringComparer.Ordinal);
    private readonly Lock choosing = new();

    /// <summary>Takes all of them or none. A port that this sandbox has published through another network already is passed over.</summary>
    /// <exception cref="RefusedException">One is taken; worded as Docker words it.</exception>
    public IReadOnlyList<PublishedPort> Take(string endpoint, string sandbox, IReadOnlyList<PortBinding> wanted)
    {
        lock (choosing)
        {
            var taken = new List<Reservation>();
            try
            {
                foreach (var binding in wanted.Where(binding => !PublishedBy(sandbox, binding)))
                    taken.Add(TakeOne(sandbox, binding));
            }
            catch
            {
                taken.ForEach(reservation => reservation.Dispose());
                throw;
            }
            byEndpoint[endpoint] = taken;
            return [.. taken.Select(reservation => reservation.Port)];
        }
    }

    /// <summary>Takes again what an endpoint of an earlier run had. Answers those that cannot be had any more.</summary>
    public IReadOnlyList<PublishedPort> TakeAgain(string endpoint, string sandbox, IReadOnlyList<PublishedPort> ports)
    {
        lock (choosing)
        {
            var held = ports.Select(port => (port, socket: TryBindAgain(port))).ToList();
            byEndpoint[endpoint] = [.. held.Select(one => new Reservation(one.port, sandbox, one.socket))];
            return [.. held.Where(one => one.socket is null && Holdable(one.port.Protocol)).Select(one => one.port)];
        }
    }

    public void Release(string endpoint)
    {
        if (byEndpoint.TryRemove(endpoint, out var reservations))
            reservations.ForEach(reservation => reservation.Dispose());
    }

    private Reservation TakeOne(string sandbox, PortBinding binding)
    {
        var last = Math.Max(binding.HostPort, binding.HostPortEnd);
        for (var hostPort = binding.HostPort; hostPort <= last; hostPort++)
        {
            var port = new PublishedPort(Protocol(binding.Proto), Unspecified(binding.HostIp), hostPort, binding.Port);
            if (!Reserved(port) && TryBind(port, out var socket))
                return new(port with { HostPort = ChosenPort(socket, hostPort) }, sandbox, socket);
        }
        var first = new PublishedPort(Protocol(binding.Proto), Unspecified(binding.HostIp), binding.HostPort, binding.Port);
        throw new RefusedException(last > binding.HostPort
            ? $"Bind for {first.HostSide}-{last} failed: all ports are already allocated"
            : $"Bind for {first.HostSide} failed: port is already allocated");
    }

    private bool PublishedBy(string sandbox, PortBinding binding) => All().Any(held =>
        sandbox.Length > 0 && held.Sandbox == sandbox && held.Port.ContainerPort == binding.Port && held.Port.Protocol == Protocol(binding.Proto)
        && (binding.HostPort == 0 || held.Port.HostPort == binding.HostPort));

    private bool Reserved(PublishedPort port) => port.HostPort != 0 && All().Any(held =>
        held.Port.HostPort == port.HostPort && held.Port.Protocol == port.Protocol
        && (held.Port.HostIp.Length == 0 || port.HostIp.Length == 0 || held.Port.HostIp == port.HostIp));

    private IEnumerable<Reservation> All() => byEndpoint.Values.SelectMany(reservations => reservations);

    private static bool TryBind(PublishedPort port, out Socket? socket)
    {
        socket = Bind(port);
        return socket is not null || !Holdable(port.Protocol);
    }

    // Its address may have left the host, or not be there yet: no reason for the daemon not to start.
    private static Socket? TryBindAgain(PublishedPort port)
    {
        try
        {
            return Bind(port);
        }
        catch (RefusedException)
        {
            return null;
        }
    }

    // A bound TCP socket that does not listen already keeps others from listening there.
    private static Socket? Bind(PublishedPort port)
    {
        if (!Holdable(port.Protocol))
            return null;
        var address = port.HostIp.Length > 0 ? IPAddress.Parse(port.HostIp) : Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        var (type, protocol) = port.Protocol == "udp" ? (SocketType.Dgram, ProtocolType.Udp) : (SocketType.Stream, ProtocolType.Tcp);
        var socket = new Socket(address.AddressFamily, type, protocol);
        try
        {
            if (address.Equals(IPAddress.IPv6Any))
                socket.DualMode = true;
            socket.Bind(new IPEndPoint(address, port.HostPort));
            // .NET's Bind lets others reuse the address of a TCP socket; taken back, their listen(2) fails.
            socket.SetRawSocketOption(SOL_SOCKET, SO_REUSEADDR, [0, 0, 0, 0]);
            return socket;
        }
        catch (SocketException fault) when (fault.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            return null;
        }
        catch (SocketException fault)
        {
            socket.Dispose();
            throw new RefusedException($"Bind for {port.HostSide} failed: {fault.Message}");
        }
    }

    // The kernel's sctp may be a module that is not there; such a port is held among ours only.
    private static bool Holdable(string protocol) => protocol != "sctp";

    private static int ChosenPort(Socket? socket, int asked) =>
        asked != 0 ? asked
        : socket?.LocalEndPoint is IPEndPoint bound ? bound.Port
        : throw new RefusedException("a host port for sctp must be named: -p HOSTPORT:PORT/sctp");

    private static string Unspecified(string? hostIp) => hostIp is null or "0.0.0.0" or "::" ? "" : hostIp;

    private static string Protocol(int number) => number switch
    {
        6 => "tcp",
        17 => "udp",
        132 => "sctp",
        _ => throw new RefusedException($"IP protocol {number} cannot be published; tcp, udp and sctp can"),
    };

    private sealed record Reservation(PublishedPort Port, string Sandbox, Socket? Socket) : IDisposable
    {
        public void Dispose() => Socket?.Dispose();
    }
}
