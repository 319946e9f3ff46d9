using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using statx = CniCore.Linux.Interop.statx;

namespace CniCore.Linux.Files;

/// <summary>
/// A file that somebody else can write, such as a container: it is read only where it is a regular file of at most so many bytes.
/// A symbolic link is not followed; a FIFO, a device or a lease that the other holds never blocks.
/// </summary>
public sealed class ForeignFile : IDisposable
{
    private readonly SafeFileHandle file;

    private ForeignFile(SafeFileHandle file, byte[] content) => (this.file, Content) = (file, content);

    /// <summary>What it held when it was opened.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>Opens a file and reads it whole.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="limit">The most bytes that are read.</param>
    /// <param name="writable">Whether <see cref="Replace"/> is to be called.</param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="IOException">It is no regular file, is longer, or cannot be opened: one line that says so.</exception>
    public static ForeignFile Open(string path, int limit, bool writable = false)
    {
        var file = OpenHandle(path, writable);
        try
        {
            if (statx.Read(file, "", statx.AT_EMPTY_PATH, statx.STATX_TYPE | statx.STATX_SIZE, out var stat) != 0)
                throw new LinuxException(path, Marshal.GetLastPInvokeError());
            if ((stat.stx_mode & statx.S_IFMT) != statx.S_IFREG)
                throw new IOException($"{path} is no regular file");
            if (stat.stx_size > (ulong)limit)
                throw TooLong(path, limit);
            return new(file, Read(file, path, limit));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads a file whole; the exceptions are those of <see cref="Open"/>.</summary>
    public static byte[] ReadAllBytes(string path, int limit)
    {
        using var file = Open(path, limit);
        return file.Content.ToArray();
    }

    /// <summary>Writes other content in its place, in the same file: whoever has it mounted sees it.</summary>
    public void Replace(ReadOnlySpan<byte> content)
    {
        RandomAccess.Write(file, content, 0);
        RandomAccess.SetLength(file, content.Length);
    }

    /// <summary>Closes it.</summary>
    public void Dispose() => file.Dispose();

    // It may grow while it is read: one byte beyond the limit tells.
    private static byte[] Read(SafeFileHandle file, string path, int limit)
    {
        var buffer = new byte[Math.Min(limit, RandomAccess.GetLength(file)) + 1];
        var length = 0;
        while (true)
        {
            var read = RandomAccess.Read(file, buffer.AsSpan(length), length);
            length += read;
            if (length > limit)
                throw TooLong(path, limit);
            if (read == 0)
                return buffer[..length];
            if (length == buffer.Length)
                Array.Resize(ref buffer, Math.Min(limit + 1, length * 2));
        }
    }

    private static unsafe SafeFileHandle OpenHandle(string path, bool writable)
    {
        fixed (byte* name = (byte[])[.. System.Text.Encoding.UTF8.GetBytes(path), 0])
        {
            var flags = (writable ? LibC.O_RDWR : LibC.O_RDONLY) | LibC.O_NOFOLLOW | LibC.O_NONBLOCK | LibC.O_CLOEXEC;
            var opened = new SafeFileHandle(LibC.open(name, flags, default), ownsHandle: true);
            var errno = LibC.errno;
            if (!opened.IsInvalid)
                return opened;
            opened.Dispose();
            if (errno == LibC.ENOENT)
                throw new FileNotFoundException($"{path} does not exist", path);
            throw new LinuxException(path, errno);
        }
    }

    private static IOException TooLong(string path, int limit) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{path} is longer than {limit} bytes"));
}
