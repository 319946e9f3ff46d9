using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

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
        var file = RegularFile.Open(path, (writable ? LibC.O_RDWR : LibC.O_RDONLY) | LibC.O_NOFOLLOW, limit, out var content);
        return new(file, content);
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
}
