using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace EndToEnd.Host;

/// <summary>
/// A clean Debian with systemd and Docker (machine.sh): where what an administrator installs is installed. It dies with this process.
/// </summary>
public sealed class Machine : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("cnid-machine-").FullName;
    private Process? keeper;

    /// <summary>The tree under test.</summary>
    public static string Repository { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../.."));

    /// <summary>Why there is none; null where there is one.</summary>
    public static string? CannotRun =>
        Lab.CannotRun
        ?? (File.Exists(Lab.Cnid + ".dll") ? "needs the Native AOT file: the machine has no .NET" : null)
        ?? (File.Exists("/usr/sbin/debootstrap") ? null : "needs debootstrap")
        ?? (File.ReadAllText("/proc/mounts").Contains(" cgroup2 ", StringComparison.Ordinal) ? null : "needs cgroup 2 mounted somewhere");

    /// <summary>The machine's first process, seen from this host.</summary>
    internal int Init { get; private set; }

    /// <summary>A folder that the machine sees as /shared.</summary>
    public string Shared { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        if (CannotRun is not null)
            return;
        Shared = Directory.CreateDirectory(Path.Combine(folder, "shared")).FullName;
        var artifacts = Directory.CreateDirectory(Path.Combine(Repository, "artifacts")).FullName;
        keeper = Process.Start(new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "machine.sh"), [folder, Path.Combine(artifacts, "debian")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var line = await keeper.StandardOutput.ReadLineAsync();
        Assert.True(line?.StartsWith("ready ", StringComparison.Ordinal), $"the machine did not start; see {folder}");
        Init = int.Parse(line!["ready ".Length..], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        if (keeper is null)
            return;
        await RunAsync("systemctl stop docker containerd");
        keeper.StandardInput.Close();
        await keeper.WaitForExitAsync();
        keeper.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    public async Task<CommandResult> RunAsync(string command)
    {
        using var process = Process.Start(new ProcessStartInfo("nsenter",
            ["-t", $"{Init}", "-a", "--", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "bash", "-c", command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new(process.ExitCode, await output, await errors);
    }

    /// <summary>Runs a shell command on the machine, and it must succeed.</summary>
    public async Task<string> OkAsync(string command)
    {
        var result = await RunAsync(command);
        Assert.True(result.Status == 0, $"{command}\nexit status {result.Status}: {result.Text}\n--- "
            + $"journal:\n{(await RunAsync("journalctl -u 'cnid*' -n 25 --no-pager")).Output}");
        return result.Output.Trim();
    }

    /// <summary>
    /// Runs a shell command on the host, in the tree, and it must succeed; Docker's clients speak to the machine's engine.
    /// </summary>
    public async Task<string> InTreeAsync(string command)
    {
        using var process =
            Process.Start(new ProcessStartInfo(
                "env", [$"DOCKER_HOST=unix:///proc/{Init}/root/run/docker.sock", "DOCKER_BUILDKIT=0", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                    "bash", "-c", command])
            {
                WorkingDirectory = Repository, RedirectStandardOutput = true,
                RedirectStandardError = true
            })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{command}: {await errors}");
        return (await output).Trim();
    }

    /// <summary>The image <c>cnid-test</c>: busybox.</summary>
    public Task<string> MakeTestImageAsync() => OkAsync("""
        root=$(mktemp -d); mkdir $root/bin; cp /bin/busybox $root/bin/;
        for one in sh httpd wget ip mkdir sleep ping hostname; do ln -s busybox $root/bin/$one; done
        tar -C $root -c . | docker import - cnid-test
        """);

    private static string Here([CallerFilePath] string path = "") => path;
}
