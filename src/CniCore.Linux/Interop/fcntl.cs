using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CniCore.Linux.Interop;

/// <summary>sys/file.h, sys/vfs.h: what Tmds.LibC does not have.</summary>
internal static partial class fcntl
{
    public const int LOCK_SH = 1;
    public const int LOCK_EX = 2;
    public const int LOCK_NB = 4;

    // int flock(int fd, int operation);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int flock(SafeFileHandle fd, int operation);
}
