using System.Runtime.InteropServices;

namespace CniCore.Linux.Interop;

/// <summary>
/// spawn.h, sys/pidfd.h, sys/wait.h. The two attribute structs are opaque: 336 and 80 bytes in glibc. The reserved space is enough for musl
/// too.
/// </summary>
internal static unsafe partial class spawn
{
    public const int AttributesSize = 512;
    public const int FileActionsSize = 512;
    public const short POSIX_SPAWN_SETPGROUP = 0x02;
    public const short POSIX_SPAWN_SETSIGDEF = 0x04;
    public const short POSIX_SPAWN_SETSIGMASK = 0x08;
    public const int SignalSetSize = 128;
    public const int SYS_pidfd_open = 434; // the same on every architecture
    public const int P_PID = 1;
    public const int P_PIDFD = 3;
    public const int WEXITED = 4;
    public const int WNOHANG = 1;
    public const int WNOWAIT = 0x1000000;
    public const int CLD_EXITED = 1;
    public const int SigInfoSize = 128;

    // int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attrp, char *const
    // argv[], char *const envp[]);
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int posix_spawn(out int pid, string path, byte* actions, byte* attributes, byte** argv, byte** envp);

    // These fill our structs and cannot fail, so their result is not checked.
    [LibraryImport("libc")]
    public static partial void posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    public static partial void posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    public static partial void posix_spawnattr_setflags(byte* attributes, short flags);

    // int posix_spawnattr_setpgroup(posix_spawnattr_t *attr, pid_t pgroup);  0: a group of its own
    [LibraryImport("libc")]
    public static partial void posix_spawnattr_setpgroup(byte* attributes, int group);

    [LibraryImport("libc")]
    public static partial void posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    public static partial void posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    public static partial void posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    public static partial void posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    public static partial void posix_spawn_file_actions_adddup2(byte* actions, int descriptor, int target);

    [LibraryImport("libc")]
    public static partial void sigemptyset(byte* signals);

    [LibraryImport("libc")]
    public static partial void sigfillset(byte* signals);

    // long syscall(SYS_pidfd_open, pid_t pid, unsigned int flags);
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial nint pidfd_open(nint number, int pid, uint flags);

    // int waitid(idtype_t idtype, id_t id, siginfo_t *infop, int options);
    [LibraryImport("libc", SetLastError = true)]
    public static partial int waitid(int kind, int id, byte* info, int options);
}
