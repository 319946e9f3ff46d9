using System.Runtime.InteropServices;

namespace CniCore.Linux.Interop;

/// <summary>time.h</summary>
internal static unsafe partial class time
{
    public const int CLOCK_BOOTTIME = 7; // linux/time.h

    // int clock_gettime(clockid_t clockid, struct timespec *tp);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int clock_gettime(int clockid, timespec* tp);

    [StructLayout(LayoutKind.Sequential)]
    public struct timespec
    {
        public nint tv_sec;
        public nint tv_nsec;
    }
}
