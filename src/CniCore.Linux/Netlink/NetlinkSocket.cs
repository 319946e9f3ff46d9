using System.Buffers;
using System.Runtime.InteropServices;
using CniCore.Linux.Interop;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace CniCore.Linux.Netlink;

/// <summary>
/// A netlink socket: sends a request, and reads all its answers. It stays in the namespace in which it was opened, whichever thread uses
/// it. One request at a time.
/// </summary>
internal sealed class NetlinkSocket : IDisposable
{
    private const int ENOENT = 2;
    private const int EINTR = 4;
    private const int EAGAIN = 11;
    private const int ENODEV = 19;
    private const int EBADMSG = 74;
    private const int ENOBUFS = 105;
    private const int ENOTCONN = 107;
    private const short POLLIN = 1;
    private const int DumpAttempts = 20;
    private const int AlwaysRoomFor = 64 * 1024; // bytes in one message; the kernel's default is three times that
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(32); // half a second in all attempts
    private static readonly timeval OneSecond = new() { tv_sec = 1 };
    private readonly SafeFileHandle socket;
    private readonly Lock gate = new();
    private byte[] received = new byte[32 * 1024];
    private uint sequence;

    private NetlinkSocket(SafeFileHandle socket) => this.socket = socket;

    private int Descriptor => (int)socket.DangerousGetHandle();

    /// <summary>Opens it in the namespace of the calling thread.</summary>
    public static unsafe NetlinkSocket Open(int protocol = rtnl.NETLINK_ROUTE)
    {
        var descriptor = LibC.socket(rtnl.AF_NETLINK, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC, protocol);
        if (descriptor < 0)
            throw new NetlinkException("opening a netlink socket", LibC.errno);
        var opened = new NetlinkSocket(new(descriptor, ownsHandle: true));
        var address = new Interop.sockaddr_nl { nl_family = rtnl.AF_NETLINK };
        if (LibC.bind(descriptor, (sockaddr*)&address, Marshal.SizeOf<Interop.sockaddr_nl>()) != 0)
            throw new NetlinkException("binding a netlink socket", LibC.errno);
        opened.Set(rtnl.NETLINK_EXT_ACK);
        opened.Set(rtnl.NETLINK_CAP_ACK);
        opened.Set(rtnl.NETLINK_GET_STRICT_CHK);
        return opened;
    }

    /// <summary>For tests: a socket whose other end answers like the kernel.</summary>
    internal static NetlinkSocket Over(SafeFileHandle socket) => new(socket);

    /// <summary>Sends a change and waits for its acknowledgement.</summary>
    public void Change(RequestWriter request, string operation)
    {
        lock (gate)
        {
            Send(request, operation);
            Receive<object>(operation, null, null);
        }
    }

    /// <summary>Sends several changes in one datagram. The last asks for an acknowledgement; an error of any comes before it.</summary>
    public void Change(IReadOnlyList<RequestWriter> requests, string operation)
    {
        lock (gate)
        {
            sequence++;
            var whole = new ArrayBufferWriter<byte>();
            foreach (var request in requests)
                whole.Write(request.Finish(sequence));
            Send(whole.WrittenSpan, operation);
            Receive<object>(operation, null, null);
        }
    }

    /// <summary>
    /// Sends a change, and waits for an error or for the notification in <paramref name="group"/>: the acknowledgement may come much later,
    /// and the sending thread is blocked until then. So another thread sends.
    /// </summary>
    public void ChangeUntilTold(RequestWriter request, int group, NotificationFilter isDone, string operation)
    {
        lock (gate)
        {
            Set(rtnl.NETLINK_ADD_MEMBERSHIP, group);
            SetReceiveTimeout(OneSecond);
            try
            {
                var message = request.Finish(++sequence).ToArray();
                // Not a thread of the pool: many waiting callers would leave none to send with.
                var asked = Task.Factory.StartNew(() =>
                    Send(message, operation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                while (!IsTold(isDone, operation))
                {
                    if (asked.IsFaulted)
                        asked.GetAwaiter().GetResult();
                }
            }
            finally
            {
                SetReceiveTimeout(default);
                Set(rtnl.NETLINK_DROP_MEMBERSHIP, group);
            }
        }
    }

    /// <summary>Requests one object; null if there is none.</summary>
    public T? Find<T>(RequestWriter request, MessageReader<T> read, string operation) where T : class
    {
        lock (gate)
        {
            var found = new List<T>();
            Send(request, operation);
            try
            {
                Receive(operation, read, found);
            }
            catch (NetlinkException fault) when (fault.Errno is ENODEV or ENOENT)
            {
                return null;
            }
            return found.FirstOrDefault();
        }
    }

    /// <summary>Requests a list, and reads all of it. Repeats if the list changed meanwhile, since entries may be missing then.</summary>
    /// <exception cref="NetlinkException">The kernel refuses, or the list changed at every attempt.</exception>
    public List<T> Dump<T>(Func<RequestWriter> request, MessageReader<T> read, string operation) where T : class
    {
        lock (gate)
        {
            var pause = FirstPause;
            for (var attempt = 1; attempt <= DumpAttempts; attempt++)
            {
                var found = new List<T>();
                Send(request(), operation);
                if (Receive(operation, read, found))
                    return found;
#pragma warning disable RS0030 // the kernel does not report the end of changes
                Thread.Sleep(pause);
#pragma warning restore RS0030
                pause = pause < LongestPause ? pause * 2 : pause;
            }
            throw new NetlinkException(operation, EINTR, $"the list changed each of the {DumpAttempts} times it was read; try again");
        }
    }

    /// <summary>Subscribes to the notifications of a group.</summary>
    public void Join(int group) => Set(rtnl.NETLINK_ADD_MEMBERSHIP, group);

    /// <summary>Waits for a notification, and reads all that have arrived. False after the timeout.</summary>
    public unsafe bool Hear(TimeSpan limit)
    {
        lock (gate)
        {
            var waited = new pollfd { fd = Descriptor, events = POLLIN };
            if (LibC.poll(&waited, 1, (int)Math.Clamp(limit.TotalMilliseconds, 0, int.MaxValue)) <= 0)
                return false;
            fixed (byte* bytes = received)
            {
                // The receive buffer overflowed, so something has changed.
                while (LibC.recv(Descriptor, bytes, received.Length, LibC.MSG_DONTWAIT) >= 0 || LibC.errno == ENOBUFS) ;
            }
            return true;
        }
    }

    public void Dispose() => socket.Dispose();

    private unsafe void Set(int option, int value = 1) =>
        // an older kernel lacks the option, and reports less
        _ = LibC.setsockopt(Descriptor, rtnl.SOL_NETLINK, option, &value, sizeof(int));

    private unsafe void SetReceiveTimeout(timeval limit) =>
        _ = LibC.setsockopt(Descriptor, LibC.SOL_SOCKET, LibC.SO_RCVTIMEO, &limit, Marshal.SizeOf<timeval>());

    // A datagram must fit into the buffer, and the administrator's limit (net.core.wmem_max) is lower. Without the capability to exceed it,
    // the buffer gets the limit.
    private unsafe void MakeRoomFor(int length)
    {
        var room = length * 2;
        if (LibC.setsockopt(Descriptor, LibC.SOL_SOCKET, LibC.SO_SNDBUFFORCE, &room, sizeof(int)) != 0)
            _ = LibC.setsockopt(Descriptor, LibC.SOL_SOCKET, LibC.SO_SNDBUF, &room, sizeof(int));
    }

    private void Send(RequestWriter request, string operation) => Send(request.Finish(++sequence), operation);

    private unsafe void Send(ReadOnlySpan<byte> message, string operation)
    {
        if (message.Length > AlwaysRoomFor)
            MakeRoomFor(message.Length);
        fixed (byte* bytes = message)
        {
            if (LibC.send(Descriptor, bytes, message.Length, 0) < 0)
                throw new NetlinkException(operation, LibC.errno);
        }
    }

    // False: the list changed while it was read.
    private bool Receive<T>(string operation, MessageReader<T>? read, List<T>? found) where T : class
    {
        var whole = true;
        while (true)
        {
            var rest = ReceiveOne(operation);
            while (Next(ref rest, operation, out var header, out var body))
            {
                if (header.nlmsg_seq != sequence)
                    continue; // of an earlier request that was abandoned
                whole &= (header.nlmsg_flags & rtnl.NLM_F_DUMP_INTR) == 0;
                switch (header.nlmsg_type)
                {
                    case rtnl.NLMSG_DONE:
                        if (body.Length >= sizeof(int)) // a list that the kernel could not finish ends with an error
                            ThrowIfRefused(operation, header, body, echoed: 0);
                        return whole;
                    case rtnl.NLMSG_ERROR:
                        ThrowIfRefused(operation, header, body, EchoedBy(header, body));
                        return whole;
                    default:
                        if (read is not null && Read(read, body, operation) is { } item)
                            found!.Add(item);
                        break;
                }
            }
        }
    }

    // One datagram. If an error was lost in a flood of notifications, the acknowledgement is still to come.
    private bool IsTold(NotificationFilter isDone, string operation)
    {
        try
        {
            var rest = ReceiveOne(operation);
            while (Next(ref rest, operation, out var header, out var body))
            {
                var isAnswer = header.nlmsg_type == rtnl.NLMSG_ERROR && header.nlmsg_seq == sequence;
                if (isAnswer)
                    ThrowIfRefused(operation, header, body, EchoedBy(header, body));
                if (isAnswer || isDone(header.nlmsg_type, body))
                    return true;
            }
            return false;
        }
        catch (NetlinkException fault) when (fault.Errno is EAGAIN or ENOBUFS)
        {
            return false;
        }
    }

    private unsafe ReadOnlySpan<byte> ReceiveOne(string operation)
    {
        while (true)
        {
            fixed (byte* bytes = received)
            {
                var size = (int)LibC.recv(Descriptor, bytes, 0, LibC.MSG_PEEK | LibC.MSG_TRUNC);
                if (size > received.Length)
                {
                    received = new byte[size];
                    continue;
                }
                if (size >= 0)
                    size = (int)LibC.recv(Descriptor, bytes, received.Length, 0);
                if (size == 0)
                    throw new NetlinkException(operation, ENOTCONN, "the socket was closed");
                if (size > 0)
                    return received.AsSpan(0, size);
            }
            if (LibC.errno != EINTR)
                throw new NetlinkException(operation, LibC.errno);
        }
    }

    // The next message of a datagram.
    private static bool Next(ref ReadOnlySpan<byte> rest, string operation, out nlmsghdr header, out ReadOnlySpan<byte> body)
    {
        header = default;
        body = default;
        if (rest.Length < Marshal.SizeOf<nlmsghdr>())
            return false;
        header = MemoryMarshal.Read<nlmsghdr>(rest);
        if (header.nlmsg_len < Marshal.SizeOf<nlmsghdr>() || header.nlmsg_len > rest.Length)
            throw Unreadable(operation);
        body = rest[Marshal.SizeOf<nlmsghdr>()..(int)header.nlmsg_len];
        rest = rest[Math.Min((int)((header.nlmsg_len + 3) & ~3u), rest.Length)..];
        return true;
    }

    // A message or an attribute of it that is shorter than its struct.
    private static T? Read<T>(MessageReader<T> read, ReadOnlySpan<byte> body, string operation) where T : class
    {
        try
        {
            return read(body);
        }
        catch (Exception fault) when (fault is ArgumentException or IndexOutOfRangeException)
        {
            throw Unreadable(operation);
        }
    }

    private static NetlinkException Unreadable(string operation) =>
        new(operation, EBADMSG, "the kernel's answer is shorter than it must be");

    // The length of the request after the code: without NLM_F_CAPPED it is the whole one, else its header.
    private static int EchoedBy(nlmsghdr header, ReadOnlySpan<byte> body)
    {
        var length = Marshal.SizeOf<nlmsghdr>();
        if ((header.nlmsg_flags & rtnl.NLM_F_CAPPED) == 0 && body.Length >= sizeof(int) + length)
            length = (int)Math.Min(MemoryMarshal.Read<nlmsghdr>(body[sizeof(int)..]).nlmsg_len, int.MaxValue / 2);
        return (length + 3) & ~3;
    }

    private static void ThrowIfRefused(string operation, nlmsghdr header, ReadOnlySpan<byte> body, int echoed)
    {
        if (body.Length < sizeof(int))
            throw Unreadable(operation);
        var errno = -MemoryMarshal.Read<int>(body);
        if (errno == 0)
            return;
        string? words = null;
        if ((header.nlmsg_flags & rtnl.NLM_F_ACK_TLVS) != 0)
        {
            var attributes = new AttributeReader(body[Math.Min(body.Length, sizeof(int) + echoed)..]);
            while (attributes.Next())
            {
                if (attributes.Type == rtnl.NLMSGERR_ATTR_MSG)
                    words = attributes.Text;
            }
        }
        throw new NetlinkException(operation, errno, words);
    }
}
