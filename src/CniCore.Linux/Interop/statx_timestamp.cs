using System.Runtime.InteropServices;

namespace CniCore.Linux.Interop;

/// <summary>linux/stat.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct statx_timestamp
{
    public long tv_sec;
    public uint tv_nsec;
    public int __reserved;
}
