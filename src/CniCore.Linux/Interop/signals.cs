using System.Runtime.InteropServices;

namespace CniCore.Linux.Interop;

/// <summary>signal.h</summary>
internal static unsafe partial class signals
{
    public const int SIG_BLOCK = 0;
    public const int SIG_SETMASK = 2;

    // int pthread_sigmask(int how, const sigset_t *set, sigset_t *oldset);
    [LibraryImport("libc")]
    public static partial int pthread_sigmask(int how, byte* set, byte* old);
}
