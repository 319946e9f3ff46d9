using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Netlink;

public sealed partial class RouteSocket
{
    /// <summary>The addresses of an interface, or of all interfaces.</summary>
    public IReadOnlyList<LinkAddress> Addresses(int? linkIndex = null)
    {
        var all = socket.Dump(() =>
            RequestWriter.For(rtnl.RTM_GETADDR, rtnl.NLM_F_DUMP, new ifaddrmsg { ifa_index = (uint)(linkIndex ?? 0) }),
                ReadAddress, "listing addresses");
        return linkIndex is { } index ? [.. all.Where(address => address.LinkIndex == index)] : all;
    }

    /// <summary>Adds an address. An IPv6 address is usable at once, unless duplicates are to be detected.</summary>
    public void AddAddress(int linkIndex, IPAddress address, int prefixLength, bool detectDuplicate = false)
    {
        var request = RequestWriter.For(rtnl.RTM_NEWADDR, Create, Message(linkIndex, address, prefixLength))
            .Address(rtnl.IFA_LOCAL, address)
            .Address(rtnl.IFA_ADDRESS, address);
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && !detectDuplicate)
            request.Int32(rtnl.IFA_FLAGS, (int)rtnl.IFA_F_NODAD);
        if (address.AddressFamily == AddressFamily.InterNetwork && prefixLength < 31)
            request.Address(rtnl.IFA_BROADCAST, BroadcastOf(address, prefixLength)); // the kernel does not set one by itself
        socket.Change(request, $"adding {address}/{prefixLength} to interface {linkIndex}");
    }

    /// <summary>Removes an address.</summary>
    public void DeleteAddress(int linkIndex, IPAddress address, int prefixLength) => socket.Change(
        RequestWriter.For(rtnl.RTM_DELADDR, rtnl.NLM_F_ACK, Message(linkIndex, address, prefixLength)).Address(rtnl.IFA_LOCAL, address),
        $"removing {address}/{prefixLength} from interface {linkIndex}");

    private static IPAddress BroadcastOf(IPAddress address, int prefixLength)
    {
        var bits = BinaryPrimitives.ReadUInt32BigEndian(address.GetAddressBytes()) | (uint.MaxValue >> prefixLength);
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, prefixLength == 0 ? uint.MaxValue : bits);
        return new(bytes);
    }

    private static ifaddrmsg Message(int linkIndex, IPAddress address, int prefixLength) => new()
    {
        ifa_family = Family(address),
        ifa_prefixlen = (byte)prefixLength,
        ifa_index = (uint)linkIndex,
    };

    private static LinkAddress? ReadAddress(ReadOnlySpan<byte> body)
    {
        var message = MemoryMarshal.Read<ifaddrmsg>(body);
        IPAddress? address = null, local = null;
        var attributes = new AttributeReader(body[Marshal.SizeOf<ifaddrmsg>()..]);
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case rtnl.IFA_ADDRESS: address = attributes.Address; break;
                case rtnl.IFA_LOCAL: local = attributes.Address; break;
            }
        }
        // On a point-to-point link IFA_ADDRESS is the other end.
        return (local ?? address) is { } own ? new((int)message.ifa_index, own, message.ifa_prefixlen, message.ifa_scope) : null;
    }

    private static byte Family(IPAddress address) => (byte)(address.AddressFamily == AddressFamily.InterNetwork ? 2 : 10);
}
