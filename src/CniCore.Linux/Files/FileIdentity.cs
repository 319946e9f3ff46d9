using Microsoft.Win32.SafeHandles;
using statx = CniCore.Linux.Interop.statx;

namespace CniCore.Linux.Files;

/// <summary>Which file it is, whatever path leads to it. A number is given to another file once nobody holds this one.</summary>
/// <param name="Device">Major number in the upper half, minor number in the lower.</param>
/// <param name="Inode">Its number on that device.</param>
public readonly record struct FileIdentity(ulong Device, ulong Inode)
{
    /// <summary>Of the file at the path, behind all links; null where none can be found.</summary>
    internal static FileIdentity? At(string path) =>
        statx.ReadAt(statx.AT_FDCWD, path, 0, statx.STATX_INO, out var stat) == 0 ? Of(stat) : null;

    /// <summary>Of an open file; null if it cannot be asked for.</summary>
    internal static FileIdentity? Of(SafeFileHandle file) =>
        statx.Read(file, "", statx.AT_EMPTY_PATH, statx.STATX_INO, out var stat) == 0 ? Of(stat) : null;

    internal static FileIdentity Of(statx stat) => new(((ulong)stat.stx_dev_major << 32) | stat.stx_dev_minor, stat.stx_ino);
}
