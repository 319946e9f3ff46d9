using System.Globalization;
using CniCore.Linux.Files;

namespace DockerDriver.Watch;

/// <summary>Who holds the lock files by which cnid's processes wait for each other (<c>/proc/locks</c>, proc(5)).</summary>
internal static class LockFiles
{
    private const string Table = "/proc/locks";

    /// <summary>A line for each lock file that another process holds.</summary>
    public static IReadOnlyList<string> HeldByOthers(string folder)
    {
        if (!Directory.Exists(folder))
            return [];
        Dictionary<FileIdentity, string> names = [];
        foreach (var path in Directory.EnumerateFiles(folder))
        {
            if (FileVersion.At(path) is { } file)
                names[file.File] = Path.GetFileName(path);
        }
        return [.. RegularFile.ReadAllLines(Table, RegularFile.KernelLimit).Select(line => Holder(line, names)).OfType<string>()];
    }

    // 1: FLOCK  ADVISORY  WRITE 4711 00:31:1234 0 EOF
    private static string? Holder(string line, Dictionary<FileIdentity, string> names) =>
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, "FLOCK", _, _, var process, var file, ..]
            && file.Split(':') is [var major, var minor, var inode]
            && names.TryGetValue(new((Hex(major) << 32) | Hex(minor), ulong.Parse(inode, CultureInfo.InvariantCulture)), out var name)
            && process != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
                ? $"the process {process} ({NameOf(process)}) holds the lock file {name}" : null;

    private static ulong Hex(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static string NameOf(string process)
    {
        try
        {
            return RegularFile.ReadAllText($"/proc/{process}/comm").Trim();
        }
        catch (IOException)
        {
            return "has ended";
        }
    }
}
