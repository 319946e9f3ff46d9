using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DockerDriver.Networks.Leases;

/// <summary>
/// Which process serves a socket, remembered over cnid's own restarts. The socket's peer credentials would name the service manager where that one has
/// opened it, so it is who else has it open.
/// </summary>
internal static class DaemonIdentity
{
    private const int ServiceManager = 1;
    private const int StartTime = 19; // field 22 of /proc/PID/stat (proc(5)), of those behind the name in brackets

    /// <summary>Whether another process serves it than when this was last asked. Remembers the answer.</summary>
    public static bool IsAnother(string folder, string path)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..16]);
        var before = File.Exists(file) ? File.ReadAllText(file) : "";
        var now = Of(path);
        if (now == before)
            return false;
        File.WriteAllText(file, now);
        return true;
    }

    private static string Of(string path)
    {
        // Num RefCount Protocol Flags Type St Inode Path
        var sockets = File.ReadLines("/proc/net/unix").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length == 8 && fields[7] == path).Select(fields => $"socket:[{fields[6]}]").ToHashSet();
        return Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
            .Select(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > ServiceManager)
            .Select(id => IdentityOf(id, sockets)).FirstOrDefault(identity => identity is not null) ?? "";
    }

    private static string? IdentityOf(int process, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFiles($"/proc/{process}/fd").Any(descriptor => new FileInfo(descriptor).LinkTarget is { } target && sockets.Contains(target))
                ? $"{process} {StartOf(process)}" : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null; // it ended meanwhile
        }
    }

    private static string StartOf(int process)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[StartTime];
    }
}
