using System.Runtime.InteropServices;

namespace CniCore.Linux.Interop;

/// <summary>Constants of linux/netfilter/xt_conntrack.h and nf_conntrack_common.h. A test compares them with a C compiler's.</summary>
internal static class xt_conntrack
{
    public const int IP_CT_ESTABLISHED = 0;
    public const int IP_CT_RELATED = 1;
    public const int IP_CT_IS_REPLY = 3;
    public const ushort XT_CONNTRACK_STATE = 1 << 0;
    public const ushort XT_CONNTRACK_STATE_DNAT = 1 << 7;

    public static ushort XT_CONNTRACK_STATE_BIT(int state) => (ushort)(1 << ((state % IP_CT_IS_REPLY) + 1));
}

/// <summary>linux/netfilter/xt_conntrack.h; the fields before and after are zero.</summary>
[StructLayout(LayoutKind.Explicit, Size = 164)]
internal struct xt_conntrack_mtinfo3
{
    [FieldOffset(146)] public ushort match_flags;
    [FieldOffset(150)] public ushort state_mask;
}
