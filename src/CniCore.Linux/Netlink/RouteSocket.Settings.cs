using System.Runtime.InteropServices;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Netlink;

public sealed partial class RouteSocket
{
    /// <summary>The settings of an interface; null if there is none of that index.</summary>
    public LinkSettings? FindSettings(int index) => socket.Find(
        RequestWriter.For(rtnl.RTM_GETLINK, rtnl.NLM_F_ACK, new ifinfomsg { ifi_index = index }), ReadSettings,
            $"looking at interface {index}");

    /// <summary>Sets whether it receives every multicast, or only those it has joined.</summary>
    public void SetAllMulticast(int index, bool on) => socket.Change(
        RequestWriter.For(rtnl.RTM_SETLINK, rtnl.NLM_F_ACK,
            new ifinfomsg { ifi_index = index, ifi_flags = on ? rtnl.IFF_ALLMULTI : 0, ifi_change = rtnl.IFF_ALLMULTI }),
        $"setting interface {index} {(on ? "to take every multicast" : "to take its own multicast alone")}");

    /// <summary>Sets the length of the transmit queue, in packets.</summary>
    public void SetTxQueueLength(int index, int length) =>
        socket.Change(Set(index).Int32(rtnl.IFLA_TXQLEN, length), $"setting the transmit queue of interface {index} to {length}");

    private static LinkSettings? ReadSettings(ReadOnlySpan<byte> body)
    {
        var message = MemoryMarshal.Read<ifinfomsg>(body);
        var (promiscuity, queue, mode) = (0, 0, (int?)null);
        var attributes = new AttributeReader(body[Marshal.SizeOf<ifinfomsg>()..]);
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case rtnl.IFLA_PROMISCUITY: promiscuity = attributes.Int32; break;
                case rtnl.IFLA_TXQLEN: queue = attributes.Int32; break;
                case rtnl.IFLA_LINKINFO: mode = ReadMacvlanMode(attributes.Value); break;
            }
        }
        return new(promiscuity, (message.ifi_flags & rtnl.IFF_ALLMULTI) != 0, queue, mode);
    }
}
