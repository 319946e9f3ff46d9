using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Netlink;

public sealed partial class RouteSocket
{
    private const byte AF_INET = 2;
    private const byte AF_INET6 = 10;
    private const uint Ingress = 0xffff0000; // pkt_sched.h, TC_H_INGRESS; also the handle of clsact, which has two hooks

    /// <summary>
    /// All objects of a kind that were configured. What the kernel creates itself is left out, except for routes and rules.
    /// </summary>
    public IReadOnlyList<KernelObject> Objects(KernelObjectKind kind) => kind switch
    {
        KernelObjectKind.Address => List(kind, () => RequestWriter.For(rtnl.RTM_GETADDR, rtnl.NLM_F_DUMP, new ifaddrmsg())),
        KernelObjectKind.Route => List(kind, () => RequestWriter.For(rtnl.RTM_GETROUTE, rtnl.NLM_F_DUMP, new rtmsg())),
        KernelObjectKind.Rule =>
            [.. new[] { AF_INET, AF_INET6 }.SelectMany(family =>
                List(kind, () => RequestWriter.For(rtnl.RTM_GETRULE, rtnl.NLM_F_DUMP, new fib_rule_hdr { family = family })))],
        KernelObjectKind.Neighbour =>
        [
            .. List(kind, () => RequestWriter.For(rtnl.RTM_GETNEIGH, rtnl.NLM_F_DUMP, new ndmsg())),
            .. new[] { AF_INET, AF_INET6 }.SelectMany(family =>
                List(kind, () =>
                    RequestWriter.For(rtnl.RTM_GETNEIGH, rtnl.NLM_F_DUMP, new ndmsg { ndm_family = family, ndm_flags = rtnl.NTF_PROXY }))),
        ],
        KernelObjectKind.Qdisc => List(kind, () => RequestWriter.For(rtnl.RTM_GETQDISC, rtnl.NLM_F_DUMP, new tcmsg())),
        KernelObjectKind.TrafficClass =>
            [.. QueuedLinks().SelectMany(link =>
                List(kind, () => RequestWriter.For(rtnl.RTM_GETTCLASS, rtnl.NLM_F_DUMP, new tcmsg { tcm_ifindex = link })))],
        _ => [.. Parents().Distinct().SelectMany(parent =>
            List(kind, () =>
                RequestWriter.For(rtnl.RTM_GETTFILTER, rtnl.NLM_F_DUMP,
                    new tcmsg { tcm_ifindex = parent.Link, tcm_parent = parent.Handle }))).OrderBy(Handle)],
    };

    /// <summary>Creates an object. An error if it exists.</summary>
    public void Add(KernelObject kernelObject)
    {
        ArgumentNullException.ThrowIfNull(kernelObject);
        var request = new RequestWriter(KernelObjectForm.Of(kernelObject.Kind).New, Create);
        var isIPv6Address = kernelObject is { Kind: KernelObjectKind.Address, Family: AF_INET6 };
        socket.Change(request.Raw(isIPv6Address ? Settled(kernelObject) : kernelObject.Body),
            $"adding the {kernelObject}");
    }

    /// <summary>
    /// Creates the objects that do not exist. Repeats until no more succeed: queues depend on classes, classes on queues, and some are
    /// created with others.
    /// </summary>
    /// <returns>The objects that could not be created, and why.</returns>
    public IReadOnlyList<NetlinkException> AddMissing(IEnumerable<KernelObject> wanted)
    {
        var open = wanted.ToList();
        List<NetlinkException> faults;
        int before;
        do
        {
            (before, faults) = (open.Count, []);
            foreach (var kind in open.GroupBy(kernelObject => kernelObject.Kind).ToList())
            {
                var present = Objects(kind.Key).Select(kernelObject => kernelObject.Key).ToHashSet(StringComparer.Ordinal);
                foreach (var kernelObject in kind)
                {
                    try
                    {
                        if (!present.Contains(kernelObject.Key))
                            Add(kernelObject);
                        open.Remove(kernelObject);
                    }
                    catch (NetlinkException fault)
                    {
                        faults.Add(fault);
                    }
                }
            }
        }
        while (open.Count < before && open.Count > 0);
        return faults;
    }

    /// <summary>Removes an object.</summary>
    public void Remove(KernelObject kernelObject)
    {
        ArgumentNullException.ThrowIfNull(kernelObject);
        socket.Change(new RequestWriter(KernelObjectForm.Of(kernelObject.Kind).Delete, rtnl.NLM_F_ACK).Raw(kernelObject.Body),
            $"removing the {kernelObject}");
    }

    internal static byte[] Body(Route route) => Write(rtnl.RTM_NEWROUTE, 0, route).Finish(0)[Marshal.SizeOf<nlmsghdr>()..].ToArray();

    internal static byte[] Body(int linkIndex, IPAddress address, int prefixLength)
    {
        var request = RequestWriter.For(rtnl.RTM_NEWADDR, 0, Message(linkIndex, address, prefixLength)).Address(rtnl.IFA_ADDRESS, address);
        if (address.AddressFamily == AddressFamily.InterNetwork)
            request.Address(rtnl.IFA_LOCAL, address);
        if (address.AddressFamily == AddressFamily.InterNetwork && prefixLength < 31)
            request.Address(rtnl.IFA_BROADCAST, BroadcastOf(address, prefixLength));
        return request.Int32(rtnl.IFA_FLAGS, (int)rtnl.IFA_F_PERMANENT).Finish(0)[Marshal.SizeOf<nlmsghdr>()..].ToArray();
    }

    // Duplicates were detected where it comes from.
    private static byte[] Settled(KernelObject address)
    {
        var body = address.Body.ToArray();
        for (var at = KernelObjectForm.Of(address.Kind).HeaderLength; at
            + 8 <= body.Length; at += (BinaryPrimitives.ReadUInt16LittleEndian(body.AsSpan(at)) + 3) & ~3)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(body.AsSpan(at + 2)) == rtnl.IFA_FLAGS)
                body[at + 4] |= (byte)rtnl.IFA_F_NODAD;
        }
        return body;
    }

    private List<KernelObject> List(KernelObjectKind kind, Func<RequestWriter> request) =>
        socket.Dump(request, body => KernelObjectForm.Read(kind, body), $"listing what there is of {kind}");

    // In this order, since u32's handles would be taken otherwise.
    private static uint Handle(KernelObject kernelObject) => BinaryPrimitives.ReadUInt32LittleEndian(kernelObject.Body.AsSpan(8));

    private IEnumerable<int> QueuedLinks() => Objects(KernelObjectKind.Qdisc).Select(qdisc => qdisc.LinkIndex).Distinct();

    private IEnumerable<(int Link, uint Handle)> Parents() =>
        Objects(KernelObjectKind.Qdisc).Concat(Objects(KernelObjectKind.TrafficClass)).SelectMany(kernelObject =>
        {
            var handle = Handle(kernelObject);
            return (handle == Ingress ? new[] { handle, handle | 0xfff2, handle | 0xfff3 } : [handle])
                .Select(parent => (kernelObject.LinkIndex, parent));
        });
}
