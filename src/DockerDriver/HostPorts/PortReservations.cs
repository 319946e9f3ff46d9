using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Processes;
using DockerDriver.Errors;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.HostPorts;

/// <summary>
/// The host ports that published ports stand on. libnetwork reserves none for a remote driver, so each is held by a bound socket:
/// neither another container nor a process of the host can take it while it is mapped. What the mapping rewrites never reaches that
/// socket; where it cannot rewrite (host IPv6, container IPv4), the socket serves, see <see cref="PortProxy"/>.
/// </summary>
internal sealed class PortReservations(PortProxy proxy)
{
    // For everything else that opens files: connections, netlink sockets, plugins' pipes. No port takes the last descriptors.
    private const int LargestReserve = 1024;

    private readonly Lock changing = new();
    private readonly Dictionary<string, List<Reservation>> byOwner = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Protocol, int HostPort), List<Reservation>> byPort = [];
    private readonly Dictionary<(string Sandbox, string Protocol, string HostIp, int ContainerPort), List<int>> bySandbox = [];
    private int sockets;

    /// <summary>Takes all of them or none. A port that this sandbox has published through another network already is passed over.</summary>
    /// <param name="owner">An endpoint's id, or a container's.</param>
    /// <param name="sandbox">The container's sandbox; empty where it is not known, or has one owner only.</param>
    /// <param name="wanted">What <c>-p</c> asks for.</param>
    /// <exception cref="RefusedException">One is taken; worded as Docker words it. Or they are more than this process can hold.</exception>
    public IReadOnlyList<PublishedPort> Take(string owner, string sandbox, IReadOnlyList<PortBinding> wanted)
    {
        lock (changing)
        {
            RefuseTooMany(wanted);
            var taken = new List<Reservation>(wanted.Count);
            try
            {
                foreach (var binding in Left(sandbox, wanted))
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
    /// Takes again what an endpoint of an earlier run had. Answers those that cannot be had any more: another has them, or there are no
    /// open files left for them.
    /// </summary>
    public IReadOnlyList<PublishedPort> TakeAgain(string owner, string sandbox, IReadOnlyList<PublishedPort> ports)
    {
        lock (changing)
        {
            if (byOwner.ContainsKey(owner))
                return [];
            var room = Room(OpenFileLimit.Current);
            var held = ports.Select(port => Add(new(port, sandbox, sockets < room ? TryBindAgain(port) : null))).ToList();
            byOwner[owner] = held;
            return [.. held.Where(one => one.Socket is null && PortSocket.CanHold(one.Port.Protocol)).Select(one => one.Port)];
        }
    }

    /// <summary>Lets the sockets of IPv6 addresses serve a container that has an IPv4 address only.</summary>
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

    /// <summary>Whether the owner holds nothing but what is wanted, and its sandbox has all of that published.</summary>
    public bool Suffices(string owner, string sandbox, IReadOnlyList<PortBinding> wanted)
    {
        lock (changing)
        {
            return (byOwner.GetValueOrDefault(owner) ?? [])
                .TrueForAll(held => wanted.Any(binding => PublishablePorts.IsOf(held.Port, binding)))
                && Left(sandbox, wanted).Count == 0;
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
        var first = Asked(binding);
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
            var asked = PortRanges.HostText(wanted.Select(Asked));
            throw new RefusedException($"Bind for {asked} failed: cnid holds a socket for each published port, {sockets} by now, and its "
                + $"limit of {limit} open files leaves room for {room}; {PortSocket.WayOut}, or publish fewer ports");
        }
    }

    private static long Room(long limit) => limit - Math.Min(LargestReserve, limit / 4);

    // What the sandbox has not published yet, through this network or another.
    private List<PortBinding> Left(string sandbox, IReadOnlyList<PortBinding> wanted)
    {
        var published = new SandboxPorts((protocol, host, containerPort) =>
            bySandbox.GetValueOrDefault((sandbox, protocol, host, containerPort)) ?? []);
        // A port that is named is not the one of another binding, which names none.
        var left = wanted.Index().OrderBy(one => one.Item.HostPort == 0).ThenBy(one => one.Item.HostPortEnd - one.Item.HostPort)
            .Select(one => (one.Index, Binding: published.Without(one.Item))).ToList();
        return [.. left.OrderBy(one => one.Index).Select(one => one.Binding).OfType<PortBinding>()];
    }

    private bool IsReserved(PublishedPort port) => port.HostPort != 0
        && byPort.TryGetValue((port.Protocol, port.HostPort), out var held)
        && held.Any(one => PortSocket.Overlap(one.Port.HostIp, port.HostIp));

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

    // Its address may have left the host, or not be there yet: no reason for the daemon not to start.
    private static Socket? TryBindAgain(PublishedPort port)
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

    private static PublishedPort Asked(PortBinding binding) =>
        new(Protocol(binding.Proto), binding.HostIp ?? "", binding.HostPort, binding.Port);

    /// <summary>The name of an IP protocol.</summary>
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
