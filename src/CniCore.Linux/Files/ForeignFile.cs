using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using statx = CniCore.Linux.Interop.statx;

namespace CniCore.Linux.Files;

/// <summary>
/// A file that others, such as a container, can write. It is read only if it is a regular file below a size limit. Symbolic links are not
/// followed, and a FIFO, device or lease never blocks.
/// </summary>
public sealed class ForeignFile : IDisposable
{
    private readonly SafeFileHandle file;

    private ForeignFile(SafeFileHandle file, byte[] content) => (this.file, Content) = (file, content);

    /// <summary>The content when it was opened.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>Opens a file and reads it whole.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="limit">The most bytes to read.</param>
    /// <param name="writable">Whether <see cref="Replace"/> will be called.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">It is not a regular file, is too long, or cannot be opened. The message is one line.</exception>
    public static ForeignFile Open(string path, int limit, bool writable = false)
    {
        var file = OpenHandle(path, writable);
        try
        {
            if (statx.Read(file, "", statx.AT_EMPTY_PATH, statx.STATX_TYPE | statx.STATX_SIZE, out var stat) != 0)
                throw new LinuxException(path, Marshal.GetLastPInvokeError());
            if ((stat.stx_mode & statx.S_IFMT) != statx.S_IFREG)
                throw new IOException($"{path} is not a regular file");
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

    /// <summary>Reads a file. Throws what <see cref="Open"/> does.</summary>
    public static byte[] ReadAllBytes(string path, int limit)
    {
        using var file = Open(path, limit);
        return file.Content.ToArray();
    }

    /// <summary>Overwrites the content in place, so that bind mounts of the file show it.</summary>
    public void Replace(ReadOnlySpan<byte> content)
    {
        RandomAccess.Write(file, content, 0);
        RandomAccess.SetLength(file, content.Length);
    }

    /// <summary>Closes it.</summary>
    public void Dispose() => file.Dispose();

    // The file may grow meanwhile: one byte beyond the limit is enough to know.
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
