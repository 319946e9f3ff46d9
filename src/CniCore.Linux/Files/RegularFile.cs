namespace CniCore.Linux.Files;

/// <summary>
/// A file as open(2) finds it, at the end of all links. <see cref="File.Exists(string?)"/> says yes to a link that leads nowhere.
/// </summary>
public static class RegularFile
{
    /// <summary>Whether the path, or what it is a link to, is a file.</summary>
    public static bool IsAt(string path)
    {
        try
        {
            return (File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path)).Exists;
        }
        catch (IOException)
        {
            return false; // nothing is there, or links that lead to each other
        }
    }
}
