using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using EndToEnd.Host;

namespace EndToEnd.Faults;

/// <summary>Runs <c>cnid</c> in the lab under supervise.c, which counts its system calls and interferes with one of them.</summary>
internal sealed class Supervisor(Lab lab)
{
    private const int SIGKILL = 9;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private Process? daemon;

    private string Program => $"{lab.Folder}/supervise";

    private string Control => $"{lab.Folder}/supervise.sock";

    private string Ready => $"{lab.Folder}/ready.sock";

    private string Record => $"{lab.Folder}/calls";

    private string Reached => $"{Control}.reached";

    /// <summary>Whether what was ordered has been done, since <see cref="Forget"/>.</summary>
    public bool IsReached => File.Exists(Reached);

    /// <summary>Ends with the daemon.</summary>
    public Task Ended => daemon?.WaitForExitAsync() ?? Task.CompletedTask;

    /// <summary>Compiles it, once a lab.</summary>
    public async Task MakeAsync()
    {
        if (File.Exists(Program))
            return;
        using var compiler = Process.Start("gcc", ["-static", "-O2", "-o", Program, Path.Combine(AppContext.BaseDirectory, "supervise.c")]);
        await compiler.WaitForExitAsync();
        Assert.Equal(0, compiler.ExitCode);
    }

    /// <summary>Starts the daemon and waits until it says that it serves, as it says it to systemd.</summary>
    public async Task StartDaemonAsync(string environment)
    {
        File.Delete(Ready);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Ready));
        Launch($"{environment} NOTIFY_SOCKET={Ready}", order: null);
        using var limit = new CancellationTokenSource(Patience);
        var said = new byte[4096];
        var ended = Ended;
        while (true)
        {
            var next = socket.ReceiveAsync(said, limit.Token).AsTask();
            if (await Task.WhenAny(next, ended) == ended || !next.IsCompletedSuccessfully)
                Assert.Fail($"the daemon does not start: {string.Join(" | ", lab.CnidLog.Split('\n').TakeLast(5))}");
            if (Encoding.UTF8.GetString(said, 0, await next).Contains("READY=1", StringComparison.Ordinal))
                return;
        }
    }

    /// <summary>Starts the daemon, which may not come to answer; <paramref name="order"/> counts from its first call.</summary>
    public void Launch(string environment, string? order)
    {
        var command = $"exec env {environment} UNIT=1 REACHED={Reached} {Told(order)} {Program} {Control} {Lab.Cnid} serve "
            + $"--log-level debug >> {lab.Folder}/cnid.log 2>&1 < /dev/null";
        daemon = Process.Start("nsenter", ["-t", $"{lab.Init}", "-m", "-n", "-p", "--", "env", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            "bash", "-c", command]);
    }

    /// <summary>Ends the daemon as nothing else would.</summary>
    public async Task KillDaemonAsync()
    {
        if (daemon is not { HasExited: false })
            return;
        await TellAsync($"signal {SIGKILL}");
        await Ended;
    }

    public void Forget() => File.Delete(Reached);

    /// <summary>A verb under supervision, as a shell command.</summary>
    public string Verb(string environment, string arguments, string order) =>
        $"env {environment} REACHED={Reached} {Told(order)} {Program} {Control}.verb {Lab.Cnid} {arguments}";

    /// <summary>The order that writes down the calls, see <see cref="RecordedAsync"/>.</summary>
    public string Recording => $"record {Record}";

    /// <summary>What was written down.</summary>
    public async Task<IReadOnlyList<FaultPoint>> RecordedAsync() => FaultPoint.In(await File.ReadAllTextAsync(Record));

    public async Task OrderAsync(string order) => Assert.Equal("ok", await TellAsync(order));

    private async Task<string> TellAsync(string order)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Control));
            await socket.SendAsync(Encoding.UTF8.GetBytes(order));
            var answer = new byte[16];
            return Encoding.UTF8.GetString(answer, 0, await socket.ReceiveAsync(answer)).Trim();
        }
        catch (SocketException) // it has ended
        {
            return "";
        }
    }

    private static string Told(string? order) => order is null ? "" : $"ORDER='{order}'";
}
