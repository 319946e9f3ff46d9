using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace CniCore.Linux.Files;

/// <summary>Files that are whole after a crash: written aside, synced, renamed, and the folder synced. A reader sees the old one or the new one.</summary>
public static class DurableFile
{
    /// <summary>Writes a file, 0600, in a folder that is made if need be, 0700.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var aside = path + ".new";
        using (var file = new FileStream(aside, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        File.Move(aside, path, overwrite: true);
        SyncFolder(folder);
    }

    /// <summary>Deletes a file, for good. One that is not there is deleted already.</summary>
    public static void Delete(string path)
    {
        if (!File.Exists(path))
            return;
        File.Delete(path);
        SyncFolder(Path.GetDirectoryName(path)!);
    }

    // .NET opens no folders; the name alone is on disk only when its folder is.
    private static unsafe void SyncFolder(string folder)
    {
        fixed (byte* path = (byte[])[.. System.Text.Encoding.UTF8.GetBytes(folder), 0])
        {
            using var opened = new SafeFileHandle(LibC.open(path, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_CLOEXEC, default), ownsHandle: true);
            if (opened.IsInvalid || LibC.fsync((int)opened.DangerousGetHandle()) != 0)
                throw new LinuxException($"syncing {folder}", LibC.errno);
        }
    }
}
