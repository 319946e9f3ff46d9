using System.Net.Sockets;
using System.Text.Json;
using DockerDriver.Admin;
using DockerDriver.Protocol;

namespace DockerDriver.Doctor;

/// <summary>
/// Checks the daemon's two sockets: whether they exist, answer, and are closed to others; and whether the daemon is ready.
/// </summary>
internal sealed class SocketsCheck()
    : DoctorCheck("sockets", "Docker waits 15 s for a driver that does not answer, then fails the container's start")
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    private static readonly string[] DockerPluginFolders = ["/run/docker/plugins", "/var/run/docker/plugins"];
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    public override Task<IReadOnlyList<DoctorFinding>> RunAsync(DoctorContext host, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<DoctorFinding>>([.. Plugin(host.Settings.PluginSocket), .. Admin(host.Settings.AdminSocket)]);

    private IEnumerable<DoctorFinding> Plugin(string path)
    {
        if (!Answers(path))
        {
            yield return Fail($"nobody answers on {path}", ServiceCommand.StartCnid());
            yield break;
        }
        var folder = Path.GetDirectoryName(path)!;
        yield return DockerPluginFolders.Any(place => folder == place || Path.GetDirectoryName(folder) == place)
            ? Ok($"{path} answers: Docker's driver {Path.GetFileNameWithoutExtension(path)}")
            : Warn($"{path} answers", $"mkdir -p /etc/docker/plugins && echo unix://{path} > "
                + $"/etc/docker/plugins/{Path.GetFileNameWithoutExtension(path)}.spec",
                    $"Docker looks for drivers in {DockerPluginFolders[0]}, and for spec files that name another path");
        foreach (var finding in Mode(path))
            yield return finding;
    }

    private IEnumerable<DoctorFinding> Admin(string path)
    {
        if (!Answers(path))
            yield return Fail($"nobody answers on {path}", ServiceCommand.StartCnid(),
                "containers of the runtime cni do not start without it");
        else
            yield return Readiness(path);
        foreach (var finding in File.Exists(path) ? Mode(path) : [])
            yield return finding;
    }

    private IEnumerable<DoctorFinding> Mode(string path)
    {
        var mode = File.GetUnixFileMode(path);
        if ((mode & Others) != 0)
            yield return Fail($"{path} has the mode {Convert.ToString((int)mode, 8)}", $"chmod 600 {path}",
                "whoever can write to it controls the host's network");
    }

    private DoctorFinding Readiness(string path)
    {
        var answer = AdminClient.Ask(path, "GET", "/ready", [], Timeout);
        if (answer.IsSuccess)
            return Ok($"{path} answers: the daemon is ready");
        var report = answer.Status == StatusCodes.Status503ServiceUnavailable
            ? JsonSerializer.Deserialize(answer.Body, AdminJson.Default.ReadinessReport)
            : null;
        var reason = report is null ? answer.Reason : string.Join("; ", report.NotReady.Select(part => $"{part.Key}: {part.Value}"));
        return Warn($"the daemon is not ready: {reason}", "cnid health --ready", "some operations may be delayed");
    }

    // A connection only: Plugin.Activate would tell the daemon that an engine has started.
    private static bool Answers(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
