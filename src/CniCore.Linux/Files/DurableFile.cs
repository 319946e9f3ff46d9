using System.Diagnostics.CodeAnalysis;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace CniCore.Linux.Files;

/// <summary>
/// Writes files atomically and durably: temporary file, fsync, rename, fsync of the folder. A reader sees the old file or the new one.
/// </summary>
public static class DurableFile
{
    private const string Aside = ".new";
    private const int EAGAIN = 11; // asm-generic/errno-base.h: of flock(2) with LOCK_NB
    private const int OpenAttempts = 1000;
    private const UnixFileMode OwnerAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Writes a file with mode 0600. Creates its folder, with mode 0700, if needed.</summary>
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
            DeleteUnfinished(path); // an unfinished file would take up space
            throw;
        }
        SyncFolder(folder);
    }

    /// <summary>Creates a folder and its missing parents, with mode 0700.</summary>
    public static void MakeFolder(string folder)
    {
        if (Directory.Exists(folder))
            return;
        if (Path.GetDirectoryName(Path.GetFullPath(folder)) is { } parent)
            MakeFolder(parent);
        Directory.CreateDirectory(folder, OwnerAll);
    }

    /// <summary>
    /// Tries to write a file, for callers that go on without it, for example on a full disk. If it fails, the old file stays, and
    /// <paramref name="fault"/> has the reason.
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

    /// <summary>Deletes a file durably, and its unfinished copies. Succeeds if there is none.</summary>
    public static void Delete(string path)
    {
        DeleteUnfinished(path);
        if (!File.Exists(path))
            return;
        File.Delete(path);
        SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Deletes the unfinished copies that a crash left. Nobody may be writing the file.</summary>
    public static void DeleteUnfinished(string path)
    {
        if (File.Exists(path + Aside))
            File.Delete(path + Aside);
    }

    /// <summary>
    /// Deletes unfinished copies of all files in a folder, whoever wrote them. A copy that is being written is locked, and stays.
    /// </summary>
    public static void DeleteUnfinishedIn(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (var file in Directory.EnumerateFiles(folder, "*" + Aside))
        {
            using var free = LockedIfFree(file);
            if (free is not null && IsStill(free.SafeFileHandle, file))
                File.Delete(file);
        }
    }

    // Between open(2) and flock(2) its writer may have renamed it, and another may have begun a new one.
    private static bool IsStill(SafeFileHandle opened, string path) =>
        FileIdentity.Of(opened) is { } identity && identity == FileIdentity.At(path);

    // It was renamed or deleted meanwhile.
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

    // Locked until the rename (FileShare.None is flock(2)).
    private static void WriteInPlace(string aside, string path, ReadOnlySpan<byte> content)
    {
        using var file = OpenLocked(aside);
        file.Write(content);
        file.Flush(flushToDisk: true);
        File.Move(aside, path, overwrite: true);
    }

    // DeleteUnfinishedIn of another thread or process holds the lock for as long as it takes to delete the file.
    private static FileStream OpenLocked(string aside)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (new FileInfo(aside).LinkTarget is not null)
                    File.Delete(aside); // the link, which would be followed
                var file = new FileStream(aside, new FileStreamOptions
                {
                    Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                });
                if (IsStill(file.SafeFileHandle, aside) || attempt == OpenAttempts)
                    return file;
                file.Dispose(); // deleted between open(2) and flock(2)
            }
            catch (IOException fault) when (fault.HResult == EAGAIN && attempt < OpenAttempts)
            {
                Thread.Yield();
            }
        }
    }

    // .NET cannot open folders. The name is durable only once its folder is synced.
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
