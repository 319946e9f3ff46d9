using System.Runtime.InteropServices;

namespace CniCore.Linux.Interop;

/// <summary>sys/resource.h</summary>
internal static unsafe partial class resource
{
    public const int RLIMIT_NOFILE = 7; // asm-generic/resource.h

    // int prlimit(pid_t pid, int resource, const struct rlimit *new_limit, struct rlimit *old_limit);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int prlimit(int pid, int resource, rlimit* changed, rlimit* before);

    [StructLayout(LayoutKind.Sequential)]
    public struct rlimit
    {
        public nuint rlim_cur;
        public nuint rlim_max;
    }
}
