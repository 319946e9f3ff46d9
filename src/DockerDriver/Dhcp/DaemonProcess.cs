using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CniCore.Linux.Files;
using static Tmds.Linux.LibC;

namespace DockerDriver.Dhcp;

/// <summary>
/// The process that serves a socket, recorded across restarts of cnid. It is found by its open descriptors, since the socket's peer
/// credentials name the service manager where that opened the socket.
/// </summary>
/// <param name="Id">Its process id.</param>
/// <param name="Start">Its start time, in clock ticks since boot: with the id, it identifies the process.</param>
internal sealed record DaemonProcess(int Id, string Start)
{
    private const int ServiceManager = 1;
    private const int StartTime = 19; // field 22 of /proc/PID/stat (proc(5)), counted after the name in brackets

    /// <summary>Whether another process serves the socket than at the last call. Records the present one.</summary>
    public static bool HasChanged(string folder, string path)
    {
        var now = Serving(path);
        if (now == Recorded(folder, path))
            return false;
        DurableFile.Write(FileOf(folder, path), Encoding.UTF8.GetBytes(now?.ToString() ?? ""));
        return true;
    }

    /// <summary>The process at the last call of <see cref="HasChanged"/>; null where none was found.</summary>
    public static DaemonProcess? Recorded(string folder, string path)
    {
        var file = FileOf(folder, path);
        var fields = File.Exists(file) ? RegularFile.ReadAllText(file).Split(' ') : [];
        return fields.Length == 2 && int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? new(id, fields[1])
            : null;
    }

    /// <summary>Sends SIGTERM, and waits for its end.</summary>
    /// <exception cref="OperationCanceledException">It has not ended.</exception>
    public async Task EndAsync(CancellationToken cancel)
    {
        try
        {
            using var process = Process.GetProcessById(Id);
            if (ReadStartTime(Id) != Start)
                return;
            _ = kill(Id, SIGTERM); // it may just have ended
            await process.WaitForExitAsync(cancel);
        }
        catch (Exception fault) when (fault is ArgumentException or IOException)
        {
            // it has ended
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Id} {Start}");

    private static string FileOf(string folder, string path) =>
        Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..16]);

    private static DaemonProcess? Serving(string path)
    {
        // Num RefCount Protocol Flags Type St Inode Path
        var sockets = RegularFile.ReadAllLines("/proc/net/unix", RegularFile.KernelLimit)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
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
                ? new(id, ReadStartTime(id)) : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null; // it has just ended
        }
    }

    private static string ReadStartTime(int id)
    {
        var stat = RegularFile.ReadAllText($"/proc/{id}/stat");
        return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[StartTime];
    }
}
