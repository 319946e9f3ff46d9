using System.Runtime.InteropServices;

namespace CniCore.Linux.Interop;

/// <summary>Constants of linux/netfilter/nfnetlink.h and nfnetlink_conntrack.h. A test compares them with a C compiler's.</summary>
internal static class nfnetlink
{
    public const int NETLINK_NETFILTER = 12;
    public const byte NFNETLINK_V0 = 0;
    public const ushort NFNL_SUBSYS_CTNETLINK = 1;
    public const ushort IPCTNL_MSG_CT_GET = 1;
    public const ushort IPCTNL_MSG_CT_DELETE = 2;

    public const ushort CTA_TUPLE_ORIG = 1;
    public const ushort CTA_TUPLE_REPLY = 2;
    public const ushort CTA_ID = 12;
    public const ushort CTA_ZONE = 18;
    public const ushort CTA_FILTER = 25;
    public const ushort CTA_TUPLE_IP = 1;
    public const ushort CTA_TUPLE_PROTO = 2;
    public const ushort CTA_TUPLE_ZONE = 3;
    public const ushort CTA_IP_V4_SRC = 1;
    public const ushort CTA_IP_V4_DST = 2;
    public const ushort CTA_IP_V6_SRC = 3;
    public const ushort CTA_IP_V6_DST = 4;
    public const ushort CTA_PROTO_NUM = 1;
    public const ushort CTA_PROTO_SRC_PORT = 2;
    public const ushort CTA_PROTO_DST_PORT = 3;
    public const ushort CTA_FILTER_ORIG_FLAGS = 1;

    // net/netfilter/nf_internals.h: part of the kernel's ABI, but in no exported header.
    public const int CTA_FILTER_F_CTA_PROTO_NUM = 1 << 3;
    public const int CTA_FILTER_F_CTA_PROTO_DST_PORT = 1 << 5;
}

/// <summary>linux/netfilter/nfnetlink.h</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct nfgenmsg
{
    public byte nfgen_family;
    public byte version;
    public ushort res_id;
}
