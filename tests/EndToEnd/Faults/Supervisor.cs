using System.Diagnostics;
using EndToEnd.Host;

namespace EndToEnd.Faults;

/// <summary>Runs <c>cnid</c> in the lab under supervise.c, which counts its system calls and interferes with one of them.</summary>
internal sealed class Supervisor(Lab lab)
{
    private string Program => $"{lab.Folder}/supervise";

    private string Control => $"{lab.Folder}/supervise.sock";

    private string Record => $"{lab.Folder}/calls";

    /// <summary>Compiles it, once a lab.</summary>
    public async Task MakeAsync()
    {
        if (File.Exists(Program))
            return;
        using var compiler = Process.Start("gcc", ["-static", "-O2", "-o", Program, Path.Combine(AppContext.BaseDirectory, "supervise.c")]);
        await compiler.WaitForExitAsync();
        Assert.Equal(0, compiler.ExitCode);
    }

    /// <summary>Starts the daemon and waits until it answers; <paramref name="order"/> counts from its first call.</summary>
    public async Task StartDaemonAsync(string environment, string? order = null)
    {
        await LaunchAsync(environment, order);
        await lab.DaemonAnswersAsync();
    }

    /// <summary>Starts the daemon, which may not come to answer.</summary>
    public Task LaunchAsync(string environment, string? order) => lab.OkAsync(
        $"{environment} {Told(order)} setsid {Program} {Control} {Lab.Cnid} serve --log-level debug >> {lab.Folder}/cnid.log 2>&1 < "
        + "/dev/null & exit 0");

    /// <summary>A verb under supervision, as a shell command.</summary>
    public string Verb(string arguments, string order) => $"{Told(order)} {Program} {Control} {Lab.Cnid} {arguments}";

    /// <summary>The order that writes down the calls, see <see cref="RecordedAsync"/>.</summary>
    public string Recording => $"record {Record}";

    /// <summary>What was written down.</summary>
    public async Task<IReadOnlyList<FaultPoint>> RecordedAsync() => FaultPoint.In(await File.ReadAllTextAsync(Record));

    public async Task OrderAsync(string order) =>
        Assert.Equal("ok", await lab.OkAsync("python3 -c 'import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); "
            + $"s.send(sys.argv[2].encode()); print(s.recv(9).decode())' {Control} '{order}'"));

    private static string Told(string? order) => order is null ? "" : $"ORDER='{order}'";
}
