using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using statx = CniCore.Linux.Interop.statx;

namespace CniCore.Linux.Files;

/// <summary>
/// Reads regular files whole, up to a limit. Links are followed; a FIFO, a device or a folder is refused and never blocks. .NET's
/// <see cref="File"/> waits at a FIFO for a writer, and reads a device without end: no file is read with it.
/// </summary>
public static class RegularFile
{
    /// <summary>The limit in bytes of what people and programs write: configurations and small records.</summary>
    public const int Limit = 1024 * 1024;

    /// <summary>The limit in bytes of the kernel's lists in /proc, which grow with the host's mounts and sockets.</summary>
    public const int KernelLimit = 64 * 1024 * 1024;

    // The kernel's files have the size 0, and those of sysctls are complete in the first read only.
    private const int FirstRead = 4096;

    /// <summary>
    /// Whether the path, or the target of its links, is a regular file. <see cref="File.Exists(string?)"/> is true for a dangling link.
    /// </summary>
    public static bool IsAt(string path)
    {
        try
        {
            return (File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path)).Exists;
        }
        catch (IOException)
        {
            return false; // nothing there, or a loop of links
        }
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    /// <exception cref="IOException">It is not a regular file, is too long, or cannot be opened. The message is one line.</exception>
    public static byte[] ReadAllBytes(string path, int limit = Limit)
    {
        try
        {
            using var file = Open(path, LibC.O_RDONLY, limit, out var content);
            return content;
        }
        catch (LinuxException fault) when (fault.Errno == LibC.EACCES)
        {
            throw new UnauthorizedAccessException(fault.Message, fault);
        }
    }

    /// <summary>Reads a file as UTF-8. Throws what <see cref="ReadAllBytes"/> does.</summary>
    public static string ReadAllText(string path, int limit = Limit) => Encoding.UTF8.GetString(ReadAllBytes(path, limit));

    /// <summary>Reads the lines of a file except empty ones. Throws what <see cref="ReadAllBytes"/> does.</summary>
    public static string[] ReadAllLines(string path, int limit = Limit) =>
        ReadAllText(path, limit).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Opens a file with these flags and those that prevent waiting, and reads it.</summary>
    internal static SafeFileHandle Open(string path, int flags, int limit, out byte[] content)
    {
        var file = OpenHandle(path, flags | LibC.O_NONBLOCK | LibC.O_CLOEXEC);
        try
        {
            if (statx.Read(file, "", statx.AT_EMPTY_PATH, statx.STATX_TYPE | statx.STATX_SIZE, out var stat) != 0)
                throw new LinuxException(path, Marshal.GetLastPInvokeError());
            if ((stat.stx_mode & statx.S_IFMT) != statx.S_IFREG)
                throw new IOException($"{path} is not a regular file: remove it, or put one in its place");
            if (stat.stx_size > (ulong)limit)
                throw TooLong(path, limit);
            content = Read(file, path, Math.Max(FirstRead, (int)stat.stx_size + 1), limit);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // The file may grow meanwhile: one byte beyond the limit is enough to know.
    private static byte[] Read(SafeFileHandle file, string path, int size, int limit)
    {
        var buffer = new byte[size];
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

    private static unsafe SafeFileHandle OpenHandle(string path, int flags)
    {
        fixed (byte* name = (byte[])[.. Encoding.UTF8.GetBytes(path), 0])
        {
            var opened = LibC.open(name, flags, default);
            var errno = LibC.errno;
            if (opened >= 0)
                return new(opened, ownsHandle: true);
            throw errno == LibC.ENOENT ? new FileNotFoundException($"{path} does not exist", path) : new LinuxException(path, errno);
        }
    }

    private static IOException TooLong(string path, int limit) => new(string.Create(
        CultureInfo.InvariantCulture, $"{path} is longer than {limit} bytes, the most that is read of it: shorten or remove it"));
}
