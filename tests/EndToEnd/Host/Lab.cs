using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EndToEnd.Host;

/// <summary>
/// A host of its own with a real engine (lab.sh), shared by all tests, which run one after the other. It dies with this process.
/// </summary>
public sealed class Lab : IAsyncLifetime
{
    public const string Socket = "/run/docker/plugins/cni.sock";

    // The engine's own client, not a newer one that a developer may have in front of it: that one refuses what an old engine takes.
    private const string HostsPath = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    private readonly string folder = Directory.CreateTempSubdirectory("cnid-lab-").FullName;
    private Process? keeper;

    /// <summary>The published file under test.</summary>
    public static string Cnid { get; } = Environment.GetEnvironmentVariable("CNID") ?? "";

    /// <summary>Why there is no lab; null where there is one.</summary>
    public static string? CannotRun =>
        Environment.UserName != "root" ? "needs root: namespaces, mounts and an engine of its own"
        : !File.Exists(Cnid) ? "CNID does not name the published file; run ./test.sh e2e"
        : null;

    public string Folder => folder;

    /// <summary>The engine that runs here.</summary>
    public Engine Engine { get; private set; } = Engine.Parse("", "");

    /// <summary>The lab's first process, seen from this host.</summary>
    internal int Init { get; private set; }

    public string CnidLog => File.ReadAllText(Path.Combine(folder, "cnid.log"));

    public async ValueTask InitializeAsync()
    {
        if (CannotRun is not null)
            return; // each test says so; a fixture cannot skip
        keeper = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "lab.sh"), [folder, .. Shared()])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        string? line;
        while ((line = await keeper.StandardOutput.ReadLineAsync()) != "ready")
        {
            if (line is null)
                throw new InvalidOperationException($"the lab did not start; see {folder}/dockerd.log");
        }
        Init = int.Parse(File.ReadAllText($"/proc/{keeper.Id}/task/{keeper.Id}/children").Trim().Split(' ')[0],
            System.Globalization.CultureInfo.InvariantCulture);
        Engine = Engine.Parse((await RunAsync("dockerd --version")).Output,
            (await RunAsync("docker info -f '{{.FirewallBackend.Driver}}'")).Output);
        await StartCnidAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (keeper is null)
            return;
        await RunAsync("pkill dockerd; while pgrep -x dockerd > /dev/null; do sleep 0.1; done");
        keeper.Kill();
        await keeper.WaitForExitAsync();
        keeper.Dispose();
        await ShellAsync($"for c in /sys/fs/cgroup/*/$(basename {folder} | sed s/^/cnid-lab-/) /sys/fs/cgroup/cnid-lab-$(basename "
            + $"{folder}); do [ -d $c ] && find $c -depth -type d -exec rmdir {{}} ';'; done; rm -rf {folder}");
    }

    /// <summary>Runs a shell command on the lab's host.</summary>
    public Task<CommandResult> RunAsync(string command) =>
        StartAsync("nsenter", "-t", $"{Init}", "-m", "-n", "-p", "--", "env", HostsPath, "bash", "-c", command);

    /// <summary>The same, and it must succeed.</summary>
    public async Task<string> OkAsync(string command)
    {
        var result = await RunAsync(command);
        Assert.True(result.Status == 0, $"{command}\nexit status {result.Status}: {result.Text}\n--- cnid:\n{Tail(CnidLog)}");
        return result.Output.Trim();
    }

    /// <summary>The same, and it must fail; answers what it said.</summary>
    public async Task<string> FailsAsync(string command)
    {
        var result = await RunAsync(command);
        Assert.True(result.Status != 0, $"{command}\nsucceeded: {result.Text}");
        return result.Text;
    }

    public Task<string> DockerAsync(string arguments) => OkAsync("docker " + arguments);

    /// <summary>Runs on the host behind the lab's uplink.</summary>
    public Task<CommandResult> InternetAsync(string command) => RunAsync("ip netns exec internet " + command);

    /// <param name="environment">Settings as the shell writes them, such as <c>CNID_BUILTIN=always</c>.</param>
    /// <param name="program">Another cnid than the one under test.</param>
    public async Task StartCnidAsync(string environment = "", string? program = null)
    {
        await OkAsync($"{environment} setsid {program ?? Cnid} serve --log-level debug >> {folder}/cnid.log 2>&1 < /dev/null & exit 0");
        await DaemonAnswersAsync();
    }

    public Task DaemonAnswersAsync() => EventuallyAsync("cnid answers", async () =>
        (await RunAsync($"curl -s -m2 --unix-socket {Socket} -X POST http://d/Plugin.Activate")).Output.Contains(
            "NetworkDriver", StringComparison.Ordinal));

    public async Task RestartCnidAsync(string environment = "")
    {
        await StopCnidAsync("TERM");
        await StartCnidAsync(environment);
    }

    public async Task StopCnidAsync(string signal)
    {
        await RunAsync($"pkill -{signal} -x cnid");
        await EventuallyAsync("cnid has ended", async () => (await RunAsync("pgrep -x cnid")).Status != 0);
    }

    public Task RestartEngineAsync(string signal, string arguments = "") => RestartEngineAsync(signal, "", arguments);

    /// <summary>Upgrades the engine: the one of another root (engine-root.sh) goes on where this one ended.</summary>
    public async Task UpgradeEngineAsync(string root)
    {
        await OkAsync("mount --make-shared /run");
        var enter = $"{Path.Combine(AppContext.BaseDirectory, "engine-in-root.sh")} {root} {folder} {string.Join(' ', Shared())} --";
        await RestartEngineAsync("TERM", enter, "");
        Engine = Engine.Parse((await RunAsync("docker version -f 'version {{.Server.Version}}'")).Output, "");
    }

    private async Task RestartEngineAsync(string signal, string enter, string arguments)
    {
        await StopEngineAsync(signal);
        await EngineAnswersAsync($"{enter} {folder}/dockerd.sh {arguments}");
    }

    public async Task StopEngineAsync(string signal)
    {
        await RunAsync($"pkill -{signal} -x dockerd");
        await EventuallyAsync("dockerd has ended", async () => !await EngineRunsAsync());
    }

    public async Task<bool> EngineRunsAsync() => (await RunAsync("pgrep -x dockerd")).Status == 0;

    /// <summary>
    /// Waits until the engine answers: at its start it restores its containers and asks for their networks first. Where it has ended, it is
    /// started, as often as systemd would: one whose containerd is still ending gives up.
    /// </summary>
    public Task EngineAnswersAsync() => EngineAnswersAsync($"{folder}/dockerd.sh");

    private Task EngineAnswersAsync(string start) => EventuallyAsync(
        () => $"dockerd answers\n{EngineLog()}",
        async () => (await RunAsync("pgrep -x dockerd > /dev/null || { rm -f /run/docker.pid; "
            + $"setsid {start} < /dev/null > /dev/null 2>&1 & }}; docker version")).Status == 0,
        seconds: 180);

    /// <summary>The last lines that the engine has written.</summary>
    public string EngineLog() => Tail(File.ReadAllText(Path.Combine(folder, "dockerd.log")));

    /// <summary>The one place that waits for something with no event to await.</summary>
    public static Task EventuallyAsync(string what, Func<Task<bool>> condition, int seconds = 40) =>
        EventuallyAsync(() => what, condition, seconds);

    /// <param name="what">Said where it does not come to be: what was awaited, and what there was instead.</param>
    public static async Task EventuallyAsync(Func<string> what, Func<Task<bool>> condition, int seconds = 40)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(seconds), $"not within {seconds} s: {what()}");
            await Task.Delay(100);
        }
    }

    /// <summary>
    /// What a lab on another root sees of this host: the tests, the file under test, the repository, and the runtime of a file published
    /// without one.
    /// </summary>
    private static IEnumerable<string> Shared()
    {
        var runtime = Path.GetFullPath("../../..", RuntimeEnvironment.GetRuntimeDirectory());
        return [Machine.Repository, AppContext.BaseDirectory, Path.GetDirectoryName(Path.GetFullPath(Cnid))!, runtime];
    }

    internal static Task<CommandResult> ShellAsync(string command) => StartAsync("bash", "-c", command);

    private static async Task<CommandResult> StartAsync(string program, params string[] arguments)
    {
        using var process =
            Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new(process.ExitCode, await output, await errors);
    }

    private static string Tail(string log) => string.Join('\n', log.Split('\n').TakeLast(25));
}
