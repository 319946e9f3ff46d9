using System.Runtime.InteropServices;
using CniCore.Linux.Interop;
using CniCore.Linux.Namespaces;

namespace CniCore.Linux.Netlink;

public sealed partial class RouteSocket
{
    /// <summary>
    /// The number of another namespace in this one; null for none. It gets one once a link here with a peer there has been listed.
    /// </summary>
    public int? NumberOf(NetworkNamespace netns)
    {
        ArgumentNullException.ThrowIfNull(netns);
        var request = RequestWriter.For(rtnl.RTM_GETNSID, rtnl.NLM_F_ACK, new rtgenmsg())
            .Int32(rtnl.NETNSA_FD, (int)netns.Handle.DangerousGetHandle());
        return socket.Find(request, ReadNumber, "asking for a namespace's number") is { Length: 1 } number
            && number[0] >= 0 ? number[0] : null;
    }

    private static int[]? ReadNumber(ReadOnlySpan<byte> body)
    {
        var attributes = new AttributeReader(body[((Marshal.SizeOf<rtgenmsg>() + 3) & ~3)..]);
        while (attributes.Next())
        {
            if (attributes.Type == rtnl.NETNSA_NSID)
                return [attributes.Int32];
        }
        return null;
    }
}
