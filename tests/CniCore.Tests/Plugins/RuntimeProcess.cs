using System.Diagnostics;

namespace CniCore.Tests.Plugins;

/// <summary>Runs the runtime with its built-ins as a process of its own, on the host of a world.</summary>
internal sealed class RuntimeProcess(PluginWorld world)
{
    private const int KilledStatus = 128 + 9;
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "RuntimeHost");

    /// <summary>What it says, line by line; it must succeed.</summary>
    public string[] Run(string verb, params string[] attachments)
    {
        var (status, output) = Start([Program, world.Folder, verb, .. attachments]);
        Assert.True(status == 0, output);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>
    /// Kills it as one of its threads calls the kernel for that the Nth time. False: it did not come so far, and ended well.
    /// </summary>
    public bool RunKilledAt(string call, int number, string verb, params string[] attachments)
    {
        var (status, output) = Start(
            ["strace", "-f", "-qq", "-o", "/dev/null", "-e", $"trace={call}", "-e", $"inject={call}:signal=KILL:when={number}", Program,
                world.Folder, verb, .. attachments]);
        Assert.True(status is 0 or KilledStatus, $"{status} {output}");
        return status == KilledStatus;
    }

    private (int Status, string Output) Start(string[] command)
    {
        using var process = Children.Start(
            new ProcessStartInfo("nsenter", [$"--net={world.HostPath}", .. command])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true
            });
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
