namespace CniCore.Linux.Files;

/// <summary>
/// Whether open(2) would find a regular file, behind all links. <see cref="File.Exists(string?)"/> is true for a dangling link.
/// </summary>
public static class RegularFile
{
    /// <summary>Whether the path, or the target of its links, is a regular file.</summary>
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
}
