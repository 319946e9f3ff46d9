using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Processes;
using DockerDriver.Errors;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.HostPorts;

/// <summary>
/// Reserves the host ports of published ports. libnetwork reserves none for a remote driver, so each is held by a bound socket: no other
/// container or process can use it while it is mapped. Packets that the mapping rewrites never reach that socket; where it cannot rewrite
/// (host IPv6, container IPv4), the socket serves, see <see cref="PortProxy"/>.
/// </summary>
internal sealed class PortReservations(PortProxy proxy)
{
    // Descriptors for everything else: connections, netlink sockets, plugins' pipes.
    private const int MaxReserve = 1024;

    private readonly Lock changing = new();
    private readonly Dictionary<string, List<Reservation>> byOwner = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Protocol, int HostPort), List<Reservation>> byPort = [];
    private readonly Dictionary<(string Sandbox, string Protocol, string HostIp, int ContainerPort), List<int>> bySandbox = [];
    private int sockets;

    /// <summary>Reserves all ports or none. Skips a port that this sandbox has published through another network.</summary>
    /// <param name="owner">An endpoint's or a container's id.</param>
    /// <param name="sandbox">The container's sandbox; empty where it is unknown, or has one owner only.</param>
    /// <param name="wanted">The bindings of <c>-p</c>.</param>
    /// <exception cref="RefusedException">A port is in use, with Docker's message; or the open-file limit is reached.</exception>
    public IReadOnlyList<PublishedPort> Take(string owner, string sandbox, IReadOnlyList<PortBinding> wanted)
    {
        lock (changing)
        {
            RefuseTooMany(wanted);
            var taken = new List<Reservation>(wanted.Count);
            try
            {
                foreach (var binding in NotYetPublished(sandbox, wanted))
                    taken.Add(Add(TakeOne(sandbox, binding)));
            }
            catch
            {
                taken.ForEach(Remove);
                throw;
            }
            byOwner[owner] = [.. byOwner.GetValueOrDefault(owner) ?? [], .. taken];
            return [.. taken.Select(reservation => reservation.Port)];
        }
    }

    /// <summary>
    /// Reserves again the ports that an owner had in an earlier run. Returns those that failed: another process uses them, or the open-file
    /// limit is reached.
    /// </summary>
    public IReadOnlyList<PublishedPort> Reclaim(string owner, string sandbox, IReadOnlyList<PublishedPort> ports)
    {
        lock (changing)
        {
            if (byOwner.ContainsKey(owner))
                return [];
            var room = Room(OpenFileLimit.Current);
            var held = ports.Select(port => Add(new(port, sandbox, sockets < room ? TryRebind(port) : null))).ToList();
            byOwner[owner] = held;
            return [.. held.Where(entry => entry.Socket is null && PortSocket.CanHold(entry.Port.Protocol)).Select(entry => entry.Port)];
        }
    }

    /// <summary>Lets the sockets with IPv6 addresses proxy to a container that has IPv4 only.</summary>
    public void Serve(string owner, IPAddress container)
    {
        lock (changing)
        {
            foreach (var reservation in byOwner.GetValueOrDefault(owner) ?? [])
            {
                if (reservation.Socket is { AddressFamily: AddressFamily.InterNetworkV6 } socket)
                    proxy.Serve(socket, new(container, reservation.Port.ContainerPort));
            }
        }
    }

    /// <summary>Whether the owner's ports are all wanted, and its sandbox has published everything that is wanted.</summary>
    public bool Covers(string owner, string sandbox, IReadOnlyList<PortBinding> wanted)
    {
        lock (changing)
        {
            return (byOwner.GetValueOrDefault(owner) ?? [])
                .TrueForAll(held => wanted.Any(binding => PublishablePorts.IsOf(held.Port, binding)))
                && NotYetPublished(sandbox, wanted).Count == 0;
        }
    }

    public void Release(string owner)
    {
        lock (changing)
        {
            if (byOwner.Remove(owner, out var reservations))
                reservations.ForEach(Remove);
        }
    }

    private Reservation TakeOne(string sandbox, PortBinding binding)
    {
        var last = Math.Max(binding.HostPort, binding.HostPortEnd);
        var first = RequestedPort(binding);
        for (var hostPort = binding.HostPort; hostPort <= last; hostPort++)
        {
            var port = first with { HostPort = hostPort };
            if (!IsReserved(port) && TryBind(port, out var socket))
                return new(port with { HostPort = ChosenPort(socket, hostPort) }, sandbox, socket);
        }
        throw new RefusedException(last > binding.HostPort
            ? $"Bind for {first.HostSide}-{last} failed: all ports are already allocated"
            : $"Bind for {first.HostSide} failed: port is already allocated");
    }

    private void RefuseTooMany(IReadOnlyList<PortBinding> wanted)
    {
        var limit = OpenFileLimit.Current;
        var room = Room(limit);
        if (wanted.Count > 0 && sockets + wanted.Count > room)
        {
            var asked = PortRanges.HostText(wanted.Select(RequestedPort));
            throw new RefusedException($"Bind for {asked} failed: cnid holds a socket for each published port, {sockets} now, and its "
                + $"limit of {limit} open files allows {room}; {PortSocket.RaiseLimitHint}, or publish fewer ports");
        }
    }

    private static long Room(long limit) => limit - Math.Min(MaxReserve, limit / 4);

    // What the sandbox has not published yet, through this network or another.
    private List<PortBinding> NotYetPublished(string sandbox, IReadOnlyList<PortBinding> wanted)
    {
        var published = new SandboxPorts((protocol, host, containerPort) =>
            bySandbox.GetValueOrDefault((sandbox, protocol, host, containerPort)) ?? []);
        // Bindings with a host port first, so that one without does not claim their port.
        var left = wanted.Index().OrderBy(entry => entry.Item.HostPort == 0).ThenBy(entry => entry.Item.HostPortEnd - entry.Item.HostPort)
            .Select(entry => (entry.Index, Binding: published.Subtract(entry.Item))).ToList();
        return [.. left.OrderBy(entry => entry.Index).Select(entry => entry.Binding).OfType<PortBinding>()];
    }

    private bool IsReserved(PublishedPort port) => port.HostPort != 0
        && byPort.TryGetValue((port.Protocol, port.HostPort), out var held)
        && held.Any(entry => PortSocket.Overlap(entry.Port.HostIp, port.HostIp));

    private Reservation Add(Reservation reservation)
    {
        ListAt(byPort, reservation.ByPort).Add(reservation);
        if (reservation.Sandbox.Length > 0)
            ListAt(bySandbox, reservation.BySandbox).Add(reservation.Port.HostPort);
        sockets += reservation.Socket is null ? 0 : 1;
        return reservation;
    }

    private void Remove(Reservation reservation)
    {
        RemoveAt(byPort, reservation.ByPort, reservation);
        if (reservation.Sandbox.Length > 0)
            RemoveAt(bySandbox, reservation.BySandbox, reservation.Port.HostPort);
        sockets -= reservation.Socket is null ? 0 : 1;
        reservation.Socket?.Dispose();
    }

    private static List<T> ListAt<TKey, T>(Dictionary<TKey, List<T>> index, TKey key) where TKey : notnull
    {
        if (!index.TryGetValue(key, out var list))
            index[key] = list = [];
        return list;
    }

    private static void RemoveAt<TKey, T>(Dictionary<TKey, List<T>> index, TKey key, T value) where TKey : notnull
    {
        if (index.TryGetValue(key, out var list) && list.Remove(value) && list.Count == 0)
            index.Remove(key);
    }

    private static bool TryBind(PublishedPort port, out Socket? socket)
    {
        socket = PortSocket.Bind(port);
        return socket is not null || !PortSocket.CanHold(port.Protocol);
    }

    // Its address may have left the host, or not exist yet: the daemon starts anyway.
    private static Socket? TryRebind(PublishedPort port)
    {
        try
        {
            return PortSocket.Bind(port);
        }
        catch (RefusedException)
        {
            return null;
        }
    }

    private static int ChosenPort(Socket? socket, int asked)
    {
        if (asked != 0)
            return asked;
        return socket?.LocalEndPoint is IPEndPoint bound
            ? bound.Port
            : throw new RefusedException("a host port for sctp must be named: -p HOSTPORT:PORT/sctp");
    }

    private static PublishedPort RequestedPort(PortBinding binding) =>
        new(Protocol(binding.Proto), binding.HostIp ?? "", binding.HostPort, binding.Port);

    /// <summary>The name of an IP protocol number.</summary>
    /// <exception cref="RefusedException">It cannot be published.</exception>
    public static string Protocol(int number) => number switch
    {
        6 => "tcp",
        17 => "udp",
        132 => "sctp",
        _ => throw new RefusedException($"IP protocol {number} cannot be published; tcp, udp and sctp can"),
    };

    private sealed record Reservation(PublishedPort Port, string Sandbox, Socket? Socket)
    {
        public (string, int) ByPort => (Port.Protocol, Port.HostPort);

        public (string, string, string, int) BySandbox => (Sandbox, Port.Protocol, Port.HostIp, Port.ContainerPort);
    }
}
