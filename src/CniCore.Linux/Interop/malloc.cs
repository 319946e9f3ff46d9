using System.Runtime.InteropServices;

namespace CniCore.Linux.Interop;

/// <summary>malloc.h</summary>
internal static partial class malloc
{
    // int malloc_trim(size_t pad);
    [LibraryImport("libc")]
    public static partial int malloc_trim(nuint pad);
}
