using System.Runtime.InteropServices;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Processes;

/// <summary>The program that this process runs.</summary>
public static class ProcessImage
{
    /// <summary>
    /// Becomes another program, with the same process id, parent, streams, environment and limits: nobody who started this one can tell.
    /// Does not return.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="arguments">All of them: the first is what it is called by.</param>
    /// <exception cref="LinuxException">It could not be executed; <see cref="LinuxException.Errno"/> says why.</exception>
    public static unsafe void Replace(string path, IReadOnlyList<string> arguments)
    {
        var vector = (nint*)NativeMemory.AllocZeroed((nuint)arguments.Count + 1, (nuint)sizeof(nint));
        var file = Marshal.StringToCoTaskMemUTF8(path);
        for (var i = 0; i < arguments.Count; i++)
            vector[i] = Marshal.StringToCoTaskMemUTF8(arguments[i]);
        exec.signal(exec.SIGPIPE, exec.SIG_DFL); // .NET ignores it, and what is ignored stays so
        exec.execv((byte*)file, (byte**)vector);
        throw new LinuxException($"executing {path}", Marshal.GetLastPInvokeError());
    }
}
