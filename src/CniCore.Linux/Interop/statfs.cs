using System.Runtime.InteropServices;

namespace CniCore.Linux.Interop;

/// <summary>sys/statfs.h. Only the type is read; the rest of the 120 bytes (64-bit kernels) is padding.</summary>
[StructLayout(LayoutKind.Sequential, Size = 120)]
internal partial struct statfs
{
    public const long NSFS_MAGIC = 0x6e736673;
    public const long PROC_SUPER_MAGIC = 0x9fa0;

    public nint f_type;

    // int statfs(const char *path, struct statfs *buf);
    [LibraryImport("libc", EntryPoint = "statfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Read(string path, out statfs buf);
}
