using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using CniCore.Linux.Interop;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace CniCore.Linux.Files;

/// <summary>
/// A lock across processes: flock(2) on a file of its own. The file is never removed: a waiter could then hold the lock of a file that
/// nobody else can find.
/// </summary>
public sealed class FileLock : IDisposable
{
    private const int EWOULDBLOCK = 11;
    private const int EINTR = 4;
    private const int ETIMEDOUT = 110;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(16);
    private readonly SafeFileHandle file;

    private FileLock(SafeFileHandle file) => this.file = file;

    /// <summary>Takes the lock on this thread, for work of a few milliseconds.</summary>
    /// <exception cref="LinuxException">Another process held the lock for the whole time (10 s by default).</exception>
    public static FileLock Take(string path, TimeSpan? patience = null)
    {
        var limit = patience ?? Patience;
        var file = OpenIn(path);
        var started = Stopwatch.GetTimestamp();
        for (var pause = FirstPause; !TryLock(path, file, fcntl.LOCK_EX); pause = After(pause))
        {
            if (Stopwatch.GetElapsedTime(started) > limit)
            {
                file.Dispose();
                throw new LinuxException($"locking {path}", ETIMEDOUT, $"another process has held it for {limit.TotalSeconds} s");
            }
#pragma warning disable RS0030 // flock has no time limit, and a signal to this thread would be the runtime's
            Thread.Sleep(pause);
#pragma warning restore RS0030
        }
        return new(file);
    }

    /// <summary>Takes the lock, until the token is cancelled.</summary>
    public static async Task<FileLock> TakeAsync(string path, bool shared, CancellationToken cancel)
    {
        var file = OpenIn(path);
        try
        {
            for (var pause = FirstPause; !TryLock(path, file, shared ? fcntl.LOCK_SH : fcntl.LOCK_EX); pause = After(pause))
                await Task.Delay(pause, cancel);
            return new(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    // Not .NET's File: it takes a shared flock on whatever it opens.
    private static unsafe SafeFileHandle Open(string path)
    {
        fixed (byte* name = (byte[])[.. Encoding.UTF8.GetBytes(path), 0])
        {
            var file = LibC.open(name, LibC.O_RDWR | LibC.O_CREAT | LibC.O_NOFOLLOW | LibC.O_CLOEXEC, 0b110_000_000);
            return file >= 0 ? new(file, ownsHandle: true) : throw new LinuxException($"opening {path}", LibC.errno);
        }
    }

    private static SafeFileHandle OpenIn(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return Open(path);
    }

    // flock(2) is the only way to wait for the lock, and cannot be cancelled: a thread for each waiter would stay behind. So this polls.
    private static bool TryLock(string path, SafeFileHandle file, int kind)
    {
        while (fcntl.flock(file, kind | fcntl.LOCK_NB) != 0)
        {
            var errno = Marshal.GetLastPInvokeError();
            if (errno == EWOULDBLOCK)
                return false;
            if (errno != EINTR)
                throw Refused(path, file);
        }
        return true;
    }

    private static TimeSpan After(TimeSpan pause) => pause < LongestPause ? pause * 2 : pause;

    private static LinuxException Refused(string path, SafeFileHandle file)
    {
        var errno = Marshal.GetLastPInvokeError();
        file.Dispose();
        return new($"locking {path}", errno);
    }
}
