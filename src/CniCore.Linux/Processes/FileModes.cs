using Tmds.Linux;

namespace CniCore.Linux.Processes;

/// <summary>The modes of new files and folders of this process (umask(2)).</summary>
public static class FileModes
{
    private const int WriteOfOthers = 0b000_010_010;
    private const int AllOfOwner = 0b111_000_000;

    /// <summary>
    /// Whatever the caller's umask, only the owner may write new files, and has all rights. Otherwise the umask stays. Children inherit it.
    /// </summary>
    public static void CloseToOthers()
    {
        var callers = (int)(uint)LibC.umask(AllOfOwner >> 6);
        LibC.umask((mode_t)(uint)((callers | WriteOfOthers) & ~AllOfOwner));
    }
}
