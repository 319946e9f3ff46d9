using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Netlink;

/// <summary>
/// Conntrack netlink: the flows of the namespace in which it was opened. A kernel without it throws a <see cref="NetlinkException"/> at the
/// opening or at the first request.
/// </summary>
public sealed class ConntrackSocket : IDisposable
{
    private const int ENOENT = 2;
    private const byte AF_INET = 2;
    private const byte AF_INET6 = 10;
    private readonly NetlinkSocket socket;

    internal ConntrackSocket(NetlinkSocket socket) => this.socket = socket;

    /// <summary>Opens it in the namespace of the calling thread.</summary>
    public static ConntrackSocket Open() => new(NetlinkSocket.Open(nfnetlink.NETLINK_NETFILTER));

    /// <summary>
    /// The flows of a family and protocol, optionally to one port (before translation). The kernel goes through all flows.
    /// </summary>
    public IReadOnlyList<Flow> Flows(AddressFamily family, byte protocol, int? port = null) => [.. socket
        .Dump(() => Filtered(family, protocol, port), Read, "listing flows")
        .Where(flow => flow.Original.Protocol == protocol && (port is null || flow.Original.Destination.Port == port))];

    /// <summary>Deletes a flow, so that its next packet starts a new one. False: it is gone.</summary>
    public bool Delete(Flow flow)
    {
        var request = Request(nfnetlink.IPCTNL_MSG_CT_DELETE, rtnl.NLM_F_ACK, flow.Original.Source.AddressFamily);
        using (request.Nest(nfnetlink.CTA_TUPLE_ORIG))
        {
            Write(request, flow.Original.Source.Address, nfnetlink.CTA_IP_V4_SRC, nfnetlink.CTA_IP_V6_SRC,
                flow.Original.Destination.Address);
            using (request.Nest(nfnetlink.CTA_TUPLE_PROTO))
            {
                request.Bytes(nfnetlink.CTA_PROTO_NUM, [flow.Original.Protocol])
                    .Port(nfnetlink.CTA_PROTO_SRC_PORT, flow.Original.Source.Port)
                    .Port(nfnetlink.CTA_PROTO_DST_PORT, flow.Original.Destination.Port);
            }
        }
        request.Int32(nfnetlink.CTA_ID, flow.Id);
        try
        {
            socket.Change(request, $"forgetting the flow from {flow.Original.Source} to {flow.Original.Destination}");
            return true;
        }
        catch (NetlinkException fault) when (fault.Errno == ENOENT)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();

    /// <summary>The request for a list. Before Linux 5.8, the kernel ignores the filter, and returns all flows of the family.</summary>
    internal static RequestWriter Filtered(AddressFamily family, byte protocol, int? port)
    {
        var request = Request(nfnetlink.IPCTNL_MSG_CT_GET, rtnl.NLM_F_DUMP, family);
        using (request.Nest(nfnetlink.CTA_TUPLE_ORIG))
        using (request.Nest(nfnetlink.CTA_TUPLE_PROTO))
        {
            request.Bytes(nfnetlink.CTA_PROTO_NUM, [protocol]);
            if (port is { } number)
                request.Port(nfnetlink.CTA_PROTO_DST_PORT, number);
        }
        using (request.Nest(nfnetlink.CTA_FILTER))
            request.Int32(nfnetlink.CTA_FILTER_ORIG_FLAGS,
                nfnetlink.CTA_FILTER_F_CTA_PROTO_NUM | (port is null ? 0 : nfnetlink.CTA_FILTER_F_CTA_PROTO_DST_PORT));
        return request;
    }

    private static RequestWriter Request(ushort message, ushort flags, AddressFamily family) => RequestWriter.For(
        (ushort)((nfnetlink.NFNL_SUBSYS_CTNETLINK << 8) | message),
        flags,
        new nfgenmsg { nfgen_family = family == AddressFamily.InterNetwork ? AF_INET : AF_INET6, version = nfnetlink.NFNETLINK_V0 });

    private static void Write(RequestWriter request, IPAddress source, ushort v4, ushort v6, IPAddress destination)
    {
        var first = source.AddressFamily == AddressFamily.InterNetwork ? v4 : v6;
        using (request.Nest(nfnetlink.CTA_TUPLE_IP))
            request.Address(first, source).Address((ushort)(first + 1), destination);
    }

    private static Flow? Read(ReadOnlySpan<byte> body)
    {
        var (original, reply, id) = ((FlowEnds?)null, (FlowEnds?)null, 0);
        var attributes = new AttributeReader(body[Marshal.SizeOf<nfgenmsg>()..]);
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case nfnetlink.CTA_TUPLE_ORIG: original = ReadEnds(attributes.Value); break;
                case nfnetlink.CTA_TUPLE_REPLY: reply = ReadEnds(attributes.Value); break;
                case nfnetlink.CTA_ID: id = attributes.Int32; break;
                case nfnetlink.CTA_ZONE: return null;
            }
        }
        return original is null || reply is null ? null : new(original, reply, id);
    }

    // Null: the flow is in a zone, or its protocol has no ports.
    private static FlowEnds? ReadEnds(ReadOnlySpan<byte> tuple)
    {
        var (protocol, from, to) = ((byte)0, new IPEndPoint(IPAddress.None, 0), new IPEndPoint(IPAddress.None, 0));
        var ports = 0;
        var parts = new AttributeReader(tuple);
        while (parts.Next())
        {
            var fields = new AttributeReader(parts.Value);
            switch (parts.Type)
            {
                case nfnetlink.CTA_TUPLE_IP:
                    while (fields.Next())
                    {
                        if (fields.Type is nfnetlink.CTA_IP_V4_SRC or nfnetlink.CTA_IP_V6_SRC)
                            from.Address = fields.Address;
                        else
                            to.Address = fields.Address;
                    }
                    break;
                case nfnetlink.CTA_TUPLE_PROTO:
                    while (fields.Next())
                    {
                        switch (fields.Type)
                        {
                            case nfnetlink.CTA_PROTO_NUM: protocol = fields.Value[0]; break;
                            case nfnetlink.CTA_PROTO_SRC_PORT: (from.Port, ports) = (fields.Port, ports + 1); break;
                            case nfnetlink.CTA_PROTO_DST_PORT: (to.Port, ports) = (fields.Port, ports + 1); break;
                        }
                    }
                    break;
                case nfnetlink.CTA_TUPLE_ZONE:
                    return null;
            }
        }
        return ports == 2 ? new(protocol, from, to) : null;
    }
}
