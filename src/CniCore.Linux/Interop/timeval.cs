using System.Runtime.InteropServices;

namespace CniCore.Linux.Interop;

/// <summary>sys/time.h</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct timeval
{
    public nint tv_sec;
    public nint tv_usec;
}
