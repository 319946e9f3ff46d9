using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace CniCore.Linux.Processes;

/// <summary>A pipe with close-on-exec at both ends, so that other children do not inherit it.</summary>
internal sealed class Pipe : IDisposable
{
    private Pipe(int reader, int writer)
    {
        Reader = new(reader, ownsHandle: true);
        Writer = new(writer, ownsHandle: true);
    }

    public SafeFileHandle Reader { get; }

    public SafeFileHandle Writer { get; }

    public static unsafe Pipe Open()
    {
        var ends = stackalloc int[2];
        return LibC.pipe2(ends, LibC.O_CLOEXEC) == 0 ? new(ends[0], ends[1]) : throw new LinuxException("opening a pipe", LibC.errno);
    }

    public static void SetNonBlocking(SafeFileHandle end) => _ = LibC.fcntl((int)end.DangerousGetHandle(), LibC.F_SETFL, LibC.O_NONBLOCK);

    public void Dispose()
    {
        Reader.Dispose();
        Writer.Dispose();
    }
}
