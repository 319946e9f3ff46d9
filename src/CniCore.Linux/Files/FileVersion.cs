using statx = CniCore.Linux.Interop.statx;

namespace CniCore.Linux.Files;

/// <summary>Which file is at a path, and since when it has its content: equal as long as nobody replaces it or writes to it.</summary>
/// <param name="File">Which file.</param>
/// <param name="Size">In bytes.</param>
/// <param name="ChangedAt">Of its inode, in nanoseconds since 1970: what no program can set back.</param>
public readonly record struct FileVersion(FileIdentity File, ulong Size, Int128 ChangedAt)
{
    /// <summary>Of the file at the path, behind all links; null where none can be found.</summary>
    public static FileVersion? At(string path)
    {
        const uint wanted = statx.STATX_INO | statx.STATX_SIZE | statx.STATX_CTIME;
        return statx.ReadAt(statx.AT_FDCWD, path, 0, wanted, out var stat) == 0
            ? new(FileIdentity.Of(stat), stat.stx_size, ((Int128)stat.stx_ctime.tv_sec * 1_000_000_000) + stat.stx_ctime.tv_nsec)
            : null;
    }
}
