using System.Runtime.InteropServices;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Processes;

/// <summary>How many files and sockets this process may have open (RLIMIT_NOFILE).</summary>
public static unsafe class OpenFileLimit
{
    /// <summary>The soft limit, the one that holds.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public static long Current => (long)Math.Min(Read().rlim_cur, long.MaxValue);

    /// <summary>
    /// Raises the soft limit to the hard one, which needs no privilege. Children inherit it. Where it is refused the soft limit stays.
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
