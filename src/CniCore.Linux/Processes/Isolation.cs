using System.Text;
using CniCore.Linux.Interop;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace CniCore.Linux.Processes;

/// <summary>Namespaces of its own for the calling thread, and so for what it starts.</summary>
internal static unsafe class Isolation
{
    public static void LeaveMounts()
    {
        Unshare(LibC.CLONE_NEWNS);
        // First of all: what is unmounted or mounted below a shared mount would be so for everybody.
        Mount("none", "/", null, (ulong)(LibC.MS_REC | LibC.MS_PRIVATE));
    }

    public static void LeaveNetwork()
    {
        Unshare(LibC.CLONE_NEWNET);
        Mount("sysfs", "/sys", "sysfs", 0); // shows the interfaces of who mounts it
    }

    /// <summary>
    /// The thread's next child will be the first process of a namespace of its own. Until <see cref="ReturnToProcesses"/> the kernel lets
    /// it start no threads, and the runtime ends the program where it wants to, as it may before a method's first call: see
    /// <see cref="Rehearse"/>.
    /// </summary>
    public static void LeaveProcesses() => Unshare(LibC.CLONE_NEWPID);

    /// <summary>The thread's next child will be an ordinary one again.</summary>
    public static void ReturnToProcesses(SafeFileHandle own) => Enter((int)own.DangerousGetHandle());

    /// <summary>All that is called between the two, once and to no effect.</summary>
    public static void Rehearse(SafeFileHandle own)
    {
        Unshare(0);
        ReturnToProcesses(own);
        byte* nothing = null;
        _ = spawn.posix_spawn(out _, "", null, null, &nothing, &nothing);
    }

    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static void Mount(string source, string target, string? type, ulong flags, string? options = null)
    {
        fixed (byte* from = CString(source), to = CString(target), kind = CString(type), data = CString(options))
        {
            if (LibC.mount(from, to, kind, (ulong_t)flags, data) != 0)
                throw new LinuxException($"mounting {type ?? source} at {target}", LibC.errno);
        }
    }

    private static void Unshare(int what)
    {
        if (LibC.unshare(what) != 0)
            throw new LinuxException("making namespaces for a program", LibC.errno);
    }

    private static void Enter(int file)
    {
        if (LibC.setns(file, LibC.CLONE_NEWPID) != 0)
            throw new LinuxException("returning to the own processes", LibC.errno);
    }

    private static byte[]? CString(string? text) => text is null ? null : [.. Encoding.UTF8.GetBytes(text), 0];
}
