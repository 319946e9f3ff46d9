using System.Runtime.InteropServices;
using System.Text;
using CniCore.Linux.Interop;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace CniCore.Linux.Files;

/// <summary>
/// A lock that other processes honour: flock(2) on a file of its own. The file stays: removing it would let a waiter hold the lock
/// of a file nobody else can find any more.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private const int EWOULDBLOCK = 11;
    private const int EINTR = 4;
    private readonly SafeFileHandle file;

    private FileLock(SafeFileHandle file) => this.file = file;

    /// <summary>Waits for it on this thread: for work that takes milliseconds.</summary>
    public static FileLock Take(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return Wait(path, Open(path), fcntl.LOCK_EX);
    }

    /// <summary>Waits for it as long as the token lets it. A wait that was given up lets go of the lock when it comes.</summary>
    public static async Task<FileLock> TakeAsync(string path, bool shared, CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var file = Open(path);
        var kind = shared ? fcntl.LOCK_SH : fcntl.LOCK_EX;
        if (fcntl.flock(file, kind | fcntl.LOCK_NB) == 0)
            return new(file);
        if (Marshal.GetLastPInvokeError() != EWOULDBLOCK)
            throw Refused(path, file);

        // flock cannot be waited for and given up at once, so somebody else does the waiting.
        var waiting = Task.Factory.StartNew(() => Wait(path, file, kind), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            return await waiting.WaitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            _ = waiting.ContinueWith(late => late.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }

    public void Dispose() => file.Dispose();

    // Not .NET's: that one takes a shared flock of its own on whatever it opens.
    private static unsafe SafeFileHandle Open(string path)
    {
        fixed (byte* name = (byte[])[.. Encoding.UTF8.GetBytes(path), 0])
        {
            var file = LibC.open(name, LibC.O_RDWR | LibC.O_CREAT | LibC.O_CLOEXEC, 0b110_000_000);
            return file >= 0 ? new(file, ownsHandle: true) : throw new LinuxException($"opening {path}", LibC.errno);
        }
    }

    private static FileLock Wait(string path, SafeFileHandle file, int kind)
    {
        while (fcntl.flock(file, kind) != 0)
        {
            if (Marshal.GetLastPInvokeError() != EINTR)
                throw Refused(path, file);
        }
        return new(file);
    }

    private static LinuxException Refused(string path, SafeFileHandle file)
    {
        var errno = Marshal.GetLastPInvokeError();
        file.Dispose();
        return new($"locking {path}", errno);
    }
}
