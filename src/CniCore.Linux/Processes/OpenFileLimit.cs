using System.Runtime.InteropServices;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Processes;

/// <summary>The limit of open files and sockets of this process (RLIMIT_NOFILE).</summary>
public static unsafe class OpenFileLimit
{
    /// <summary>The soft limit, which is in force.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static long Current => (long)Math.Min(Read().rlim_cur, long.MaxValue);

    /// <summary>
    /// Raises the soft limit to the hard one, which needs no privilege. Children inherit it. If the kernel refuses, the limit stays.
    /// </summary>
    public static void Raise()
    {
        var limit = Read();
        limit.rlim_cur = limit.rlim_max;
        _ = resource.prlimit(0, resource.RLIMIT_NOFILE, &limit, null);
    }

    private static resource.rlimit Read()
    {
        resource.rlimit limit;
        if (resource.prlimit(0, resource.RLIMIT_NOFILE, null, &limit) != 0)
            throw new LinuxException("reading the limit of open files", Marshal.GetLastPInvokeError());
        return limit;
    }
}
