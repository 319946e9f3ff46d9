using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace CniCore.Linux.Files;

/// <summary>
/// Files that are whole after a crash: written aside, synced, renamed, and the folder synced. A reader sees the old one or the new one.
/// </summary>
public static class DurableFile
{
    private const string Aside = ".new";
    private const UnixFileMode OwnerAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Writes a file, 0600, in a folder that is made if need be, 0700.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var folder = Path.GetDirectoryName(path)!;
        MakeFolder(folder);
        var aside = path + Aside;
        try
        {
            WriteInPlace(aside, path, content);
        }
        catch
        {
            DeleteUnfinished(path); // it would take what room is left
            throw;
        }
        SyncFolder(folder);
    }

    /// <summary>Makes a folder and those above it that are missing, 0700 each.</summary>
    public static void MakeFolder(string folder)
    {
        if (Directory.Exists(folder))
            return;
        if (Path.GetDirectoryName(Path.GetFullPath(folder)) is { } parent)
            MakeFolder(parent);
        Directory.CreateDirectory(folder, OwnerAll);
    }

    /// <summary>
    /// The same, for what must not fail over it: on a full disk, or one that cannot be written. Then the old file stays, and
    /// <paramref name="fault"/> says why.
    /// </summary>
    public static bool TryWrite(string path, ReadOnlySpan<byte> content, [NotNullWhen(false)] out string? fault)
    {
        try
        {
            Write(path, content);
            fault = null;
            return true;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or LinuxException)
        {
            fault = failed.Message;
            return false;
        }
    }

    /// <summary>Deletes a file, for good, and what a crash left of writing it. One that is not there is deleted already.</summary>
    public static void Delete(string path)
    {
        DeleteUnfinished(path);
        if (!File.Exists(path))
            return;
        File.Delete(path);
        SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Deletes what a crash left of writing a file. Nobody may be writing it now.</summary>
    public static void DeleteUnfinished(string path)
    {
        if (File.Exists(path + Aside))
            File.Delete(path + Aside);
    }

    /// <summary>
    /// Deletes what crashes left of writing files in a folder, whoever wrote them. What is being written now is locked, and stays.
    /// </summary>
    public static void DeleteUnfinishedIn(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (var file in Directory.EnumerateFiles(folder, "*" + Aside))
        {
            using var free = LockedIfFree(file);
            if (free is not null)
                File.Delete(file);
        }
    }

    // One that has gone meanwhile is in its place.
    private static FileStream? LockedIfFree(string file)
    {
        try
        {
            return new(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    // Locked until it is in its place (FileShare.None is flock(2)).
    private static void WriteInPlace(string aside, string path, ReadOnlySpan<byte> content)
    {
        using var file = new FileStream(aside,
            new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        file.Write(content);
        file.Flush(flushToDisk: true);
        File.Move(aside, path, overwrite: true);
    }

    // .NET opens no folders; the name alone is on disk only when its folder is.
    private static unsafe void SyncFolder(string folder)
    {
        fixed (byte* path = (byte[])[.. System.Text.Encoding.UTF8.GetBytes(folder), 0])
        {
            using var opened = new SafeFileHandle(
                LibC.open(path, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_CLOEXEC, default), ownsHandle: true);
            if (opened.IsInvalid || LibC.fsync((int)opened.DangerousGetHandle()) != 0)
                throw new LinuxException($"syncing {folder}", LibC.errno);
        }
    }
}
