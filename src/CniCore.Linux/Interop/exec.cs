using System.Runtime.InteropServices;

namespace CniCore.Linux.Interop;

/// <summary>unistd.h, signal.h: for execv.</summary>
internal static unsafe partial class exec
{
    public const int SIGPIPE = 13;
    public const nint SIG_DFL = 0;

    // int execv(const char *path, char *const argv[]);  environ is handed on as it is
    [LibraryImport("libc", SetLastError = true)]
    public static partial int execv(byte* path, byte** argv);

    // sighandler_t signal(int signum, sighandler_t handler);
    [LibraryImport("libc", SetLastError = true)]
    public static partial nint signal(int number, nint handler);
}
