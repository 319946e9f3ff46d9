using System.Globalization;
using CniCore.Linux.Namespaces;
using Tmds.Linux;
using statx = CniCore.Linux.Interop.statx;

namespace CniCore.Linux.Files;

/// <summary>
/// Whether only root and this process's user can change what is at a path. In a user namespace its root is meant, and whoever is not in
/// it: those can be changed by nobody inside.
/// </summary>
public static class TrustedPath
{
    private const uint Root = 0;
    private const uint Unmapped = 65534; // the kernel's overflow id, for an owner from outside
    private const int WriteOfGroup = 0b000_010_000;
    private const int WriteOfOthers = 0b000_000_010;
    private const int Sticky = 0b001_000_000_000;

    /// <summary>Why others can change it, and the command that ends that; null if they cannot, or nothing is there.</summary>
    /// <param name="path">A file or folder. Of a symbolic link, the target counts.</param>
    public static string? Fault(string path) => Look(path, 0) is { } stat ? OwnerFault(path, stat) ?? ModeFault(path, stat) : null;

    /// <summary>The same for a file that others could also put another in the place of: its folder counts too.</summary>
    public static string? FaultInFolder(string file) => Fault(Path.GetDirectoryName(Path.GetFullPath(file))!) ?? Fault(file);

    /// <summary>
    /// Why anybody could change the file or put another in its place; null if only the owners of file and folder can. Archives of plugins
    /// carry their maker's user id, and are unpacked as they are.
    /// </summary>
    public static string? OpenFault(string file) =>
        ModeFault(Path.GetDirectoryName(Path.GetFullPath(file))!) ?? ModeFault(file);

    /// <summary>Why its mode lets others write to it, and the command that ends that; null if it does not, or nothing is there.</summary>
    public static string? ModeFault(string path) => Look(path, 0) is { } stat ? ModeFault(path, stat) : null;

    /// <summary>Who owns it instead of root and this user; null for these two, or if nothing is there.</summary>
    public static string? OtherOwner(string path) => Look(path, 0) is { } stat ? OwnerFault(path, stat) : null;

    /// <summary>Why it is not this user's own file or folder; null if it is, or nothing is there. Symbolic links never are.</summary>
    public static string? OwnFault(string path)
    {
        if (Look(path, statx.AT_SYMLINK_NOFOLLOW) is not { } stat)
            return null;
        return (stat.stx_mode & statx.S_IFMT) == statx.S_IFLNK
            ? $"{path} is a symbolic link, and could lead anywhere"
            : OwnerFault(path, stat);
    }

    private static statx? Look(string path, int flags)
    {
        const uint Wanted = statx.STATX_TYPE | statx.STATX_MODE | statx.STATX_UID | statx.STATX_GID;
        return statx.ReadAt(statx.AT_FDCWD, path, flags, Wanted, out var stat) == 0 ? stat : null;
    }

    private static string? OwnerFault(string path, statx stat) =>
        stat.stx_uid == Root || stat.stx_uid == (uint)LibC.geteuid() || (stat.stx_uid == Unmapped && !UserNamespace.IsInitial)
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{path} belongs to uid {stat.stx_uid}, who can change it: chown root {path}");

    // What others put into a sticky folder is theirs, and no file of root's.
    private static string? ModeFault(string path, statx stat)
    {
        var ofGroup = stat.stx_gid == Root || stat.stx_gid == (uint)LibC.getegid() ? 0 : WriteOfGroup;
        return (stat.stx_mode & Sticky) == 0 && (stat.stx_mode & (WriteOfOthers | ofGroup)) != 0
            ? $"{path} can be changed by others: chmod go-w {path}"
            : null;
    }
}
