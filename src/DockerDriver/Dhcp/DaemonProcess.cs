using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using static Tmds.Linux.LibC;

namespace DockerDriver.Dhcp;

/// <summary>
/// A process that serves a socket, remembered over cnid's own restarts. The socket's peer credentials would name the service manager where
/// that one has opened it, so it is who else has it open.
/// </summary>
/// <param name="Id">Its process id.</param>
/// <param name="Start">When it was started, in clock ticks since boot: with the id, no other process.</param>
internal sealed record DaemonProcess(int Id, string Start)
{
    private const int ServiceManager = 1;
    private const int StartTime = 19; // field 22 of /proc/PID/stat (proc(5)), of those behind the name in brackets

    /// <summary>Whether another process serves the socket than when this was last asked. Remembers the answer.</summary>
    public static bool IsAnother(string folder, string path)
    {
        Directory.CreateDirectory(folder);
        var now = Serving(path);
        if (now == Remembered(folder, path))
            return false;
        File.WriteAllText(FileOf(folder, path), now?.ToString());
        return true;
    }

    /// <summary>The one that served the socket when <see cref="IsAnother"/> was last asked; null where none was found.</summary>
    public static DaemonProcess? Remembered(string folder, string path)
    {
        var file = FileOf(folder, path);
        var fields = File.Exists(file) ? File.ReadAllText(file).Split(' ') : [];
        return fields.Length == 2 && int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? new(id, fields[1])
            : null;
    }

    /// <summary>Tells it to end, and waits for that.</summary>
    /// <exception cref="OperationCanceledException">It has not ended.</exception>
    public async Task EndAsync(CancellationToken cancel)
    {
        try
        {
            using var process = Process.GetProcessById(Id);
            if (StartOf(Id) != Start)
                return;
            _ = kill(Id, SIGTERM); // or it has just ended
            await process.WaitForExitAsync(cancel);
        }
        catch (Exception fault) when (fault is ArgumentException or IOException)
        {
            // there is no such process any more
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Id} {Start}");

    private static string FileOf(string folder, string path) =>
        Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..16]);

    private static DaemonProcess? Serving(string path)
    {
        // Num RefCount Protocol Flags Type St Inode Path
        var sockets = File.ReadLines("/proc/net/unix").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length == 8 && fields[7] == path).Select(fields => $"socket:[{fields[6]}]").ToHashSet();
        return Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
            .Select(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > ServiceManager)
            .Select(id => IfServing(id, sockets)).FirstOrDefault(process => process is not null);
    }

    private static DaemonProcess? IfServing(int id, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFiles($"/proc/{id}/fd")
                .Any(descriptor => new FileInfo(descriptor).LinkTarget is { } target && sockets.Contains(target))
                ? new(id, StartOf(id)) : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null; // it ended meanwhile
        }
    }

    private static string StartOf(int id)
    {
        var stat = File.ReadAllText($"/proc/{id}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[StartTime];
    }
}
