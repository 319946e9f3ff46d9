using System.Text;
using CniCore.Linux.Interop;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace CniCore.Linux.Processes;

/// <summary>Creates namespaces for the calling thread, and the processes it starts.</summary>
internal static unsafe class Isolation
{
    public static void LeaveMounts()
    {
        Unshare(LibC.CLONE_NEWNS);
        // First: mounts below a shared mount would be visible to everybody.
        Mount("none", "/", null, (ulong)(LibC.MS_REC | LibC.MS_PRIVATE));
    }

    public static void LeaveNetwork()
    {
        Unshare(LibC.CLONE_NEWNET);
        Mount("sysfs", "/sys", "sysfs", 0); // shows the interfaces of the namespace in which it is mounted
    }

    /// <summary>
    /// Makes the thread's next child the first process of a new process namespace. Until <see cref="ReturnToProcesses"/>, the thread cannot
    /// start threads, which the runtime may do before the first call of a method, and then aborts: see <see cref="Rehearse"/>.
    /// </summary>
    public static void LeaveProcesses() => Unshare(LibC.CLONE_NEWPID);

    /// <summary>Makes the thread's next child an ordinary process again.</summary>
    public static void ReturnToProcesses(SafeFileHandle own) => Enter((int)own.DangerousGetHandle());

    /// <summary>Calls everything between the two once, without effect.</summary>
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
