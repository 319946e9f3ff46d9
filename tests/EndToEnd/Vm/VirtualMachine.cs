using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using EndToEnd.Host;

namespace EndToEnd.Vm;

/// <summary>
/// A kernel of its own (user-mode Linux) with systemd, Docker and cnid on a disk of its own. It boots, ends and loses its power as a
/// machine does, and dies with this process.
/// </summary>
internal sealed class VirtualMachine : IAsyncDisposable
{
    private readonly string root;
    private readonly string folder;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<int>> commands = new();
    private Channel<string> boots = Channel.CreateUnbounded<string>();
    private Process? process;
    private Task listening = Task.CompletedTask;
    private int last;

    /// <param name="root">What vm-root.sh has made.</param>
    /// <param name="folder">What is the machine's alone: its disk, what it shares with the tests, its console.</param>
    public VirtualMachine(string root, string folder)
    {
        this.root = root;
        this.folder = folder;
        Directory.CreateDirectory(Shared);
        foreach (var script in new[] { "guest.sh", "internet.sh" })
            File.Copy(Path.Combine(AppContext.BaseDirectory, script), Path.Combine(Shared, script), overwrite: true);
    }

    /// <summary>The machine's disk: what differs from the one of the root.</summary>
    public string Disk => Path.Combine(folder, "disk");

    /// <summary>A folder that the machine sees as /host.</summary>
    public string Shared => Path.Combine(folder, "host");

    private string Console => Path.Combine(folder, "console.log");

    /// <summary>Switches it on.</summary>
    /// <param name="arguments">Words for its kernel, which guest.sh reads too: <c>clock=0</c>.</param>
    /// <param name="settle">Whether to wait for all that systemd starts, or for the agent alone, which answers much earlier.</param>
    public async Task BootAsync(string arguments = "", bool settle = true)
    {
        process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "vm.sh"),
            [folder, root, .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        boots = Channel.CreateUnbounded<string>();
        listening = ListenAsync(process, boots.Writer);
        await UpAsync(settle);
    }

    /// <summary>Ends all that runs, as an administrator would, and boots again.</summary>
    public async Task RebootAsync(bool settle = true)
    {
        Say(Write("systemctl reboot"), seconds: 60);
        await UpAsync(settle);
    }

    /// <summary>What the machine has not written to its disk is lost.</summary>
    public async Task CutPowerAsync()
    {
        process!.Kill();
        await EndedAsync();
    }

    public async Task OffAsync()
    {
        Say(Write("systemctl poweroff"), seconds: 60);
        await EndedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await CutPowerAsync();
    }

    /// <summary>Runs a shell command on the machine.</summary>
    public async Task<CommandResult> RunAsync(string command, int seconds = 60)
    {
        var id = Write(command);
        var ended = commands[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Say(id, seconds);
        try
        {
            var status = await ended.Task.WaitAsync(TimeSpan.FromSeconds(seconds + 60));
            var late = status == 124 ? $"not within {seconds} s\n" : "";
            return new(status, await SaidAsync("out"), late + await SaidAsync("err"));
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"the machine did not answer to: {command}\n--- its console:\n{Tail(Console)}");
        }
        finally
        {
            commands.TryRemove(id, out _);
        }

        Task<string> SaidAsync(string kind) => File.ReadAllTextAsync(Path.Combine(Shared, $"{id}.{kind}"));
    }

    /// <summary>The same, and it must succeed, each line of it.</summary>
    public async Task<string> OkAsync(string command, int seconds = 120)
    {
        var result = await RunAsync("set -e\n" + command, seconds);
        if (result.Status != 0)
        {
            var journal = await RunAsync("journalctl -b -u 'cnid*' -u docker -n 40 --no-pager -o short-monotonic");
            Assert.Fail($"{command}\nexit status {result.Status}: {result.Text}\n--- journal:\n{journal.Output}");
        }
        return result.Output.Trim();
    }

    private async Task UpAsync(bool settle)
    {
        try
        {
            await boots.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(4));
        }
        catch (Exception fault) when (fault is TimeoutException or ChannelClosedException)
        {
            throw new InvalidOperationException($"the machine did not boot; its console:\n{Tail(Console)}", fault);
        }
        if (settle)
            await RunAsync("systemctl is-system-running --wait", seconds: 240);
    }

    private async Task EndedAsync()
    {
        await listening.WaitAsync(TimeSpan.FromMinutes(3)); // the line is closed when the last of its processes is gone
        await process!.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    private int Write(string command)
    {
        File.WriteAllText(Path.Combine(Shared, $"{++last}.sh"), command);
        return last;
    }

    private void Say(int id, int seconds)
    {
        process!.StandardInput.Write(string.Create(CultureInfo.InvariantCulture, $"{id} {seconds}\n"));
        process.StandardInput.Flush();
    }

    private async Task ListenAsync(Process from, ChannelWriter<string> up)
    {
        while (await from.StandardOutput.ReadLineAsync() is { } line)
        {
            switch (line.TrimEnd('\r').Split(' '))
            {
                case ["ready", var boot]:
                    await up.WriteAsync(boot);
                    break;
                case ["done", var id, var status] when commands.TryGetValue(int.Parse(id, CultureInfo.InvariantCulture), out var command):
                    command.TrySetResult(int.Parse(status, CultureInfo.InvariantCulture));
                    break;
                default: // what the kernel says before its console is there
                    await File.AppendAllTextAsync(Console, line + "\n");
                    break;
            }
        }
        up.Complete();
        foreach (var command in commands.Values)
            command.TrySetException(new InvalidOperationException($"the machine is down; its console:\n{Tail(Console)}"));
    }

    private static string Tail(string path) => string.Join('\n', File.ReadLines(path).TakeLast(25));
}
