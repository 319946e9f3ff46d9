using System.Runtime.InteropServices;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Processes;

/// <summary>The program that this process runs.</summary>
public static class ProcessImage
{
    /// <summary>
    /// Replaces this process's program by another, with the same pid, parent, streams, environment and limits (execv). Does not return.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="arguments">The arguments; the first is the program's name.</param>
    /// <exception cref="LinuxException">It could not be executed; <see cref="LinuxException.Errno"/> has the reason.</exception>
    public static unsafe void Replace(string path, IReadOnlyList<string> arguments)
    {
        var vector = (nint*)NativeMemory.AllocZeroed((nuint)arguments.Count + 1, (nuint)sizeof(nint));
        var file = Marshal.StringToCoTaskMemUTF8(path);
        for (var i = 0; i < arguments.Count; i++)
            vector[i] = Marshal.StringToCoTaskMemUTF8(arguments[i]);
        exec.signal(exec.SIGPIPE, exec.SIG_DFL); // .NET ignores SIGPIPE, and exec would keep that
        exec.execv((byte*)file, (byte**)vector);
        throw new LinuxException($"executing {path}", Marshal.GetLastPInvokeError());
    }
}
