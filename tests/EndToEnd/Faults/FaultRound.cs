using System.Diagnostics;
using EndToEnd.Host;

namespace EndToEnd.Faults;

/// <summary>One thing that cnid is asked for, once, with or without something that happens to it meanwhile.</summary>
internal sealed class FaultRound(Lab lab, Supervisor supervisor, EngineApi engine, FaultPath path)
{
    private static readonly TimeSpan BackgroundTime = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan KnownWithin = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private bool isStartedAgain;

    /// <summary>Whether the call to be interfered with came.</summary>
    public bool IsReached => supervisor.IsReached;

    /// <summary>Makes what the path begins with.</summary>
    public async Task PrepareAsync()
    {
        if (path.IsStart && await engine.IsAnyRunningAsync())
            return; // the containers of the point before
        if (path.Network is { } options)
        {
            var id = await OkAsync($"docker network create {options} net");
            // The engine lists it a moment after the answer; from then on cnid knows whose it is.
            var file = $"/proc/{lab.Init}/root/var/lib/cnid/networks/{id}.json";
            var clock = Stopwatch.StartNew();
            while (!(await File.ReadAllTextAsync(file)).Contains("\"engine\": {", StringComparison.Ordinal))
            {
                Assert.True(clock.Elapsed < KnownWithin, "it does not come to be known whose the network is");
                await Task.Delay(Pause);
            }
        }
        if (path.Before.Length > 0)
            await OkAsync(path.Before);
        if (path.Verb is { Length: > 0 } verb)
            await OkAsync($"{path.Environment} {Lab.Cnid} {verb}");
    }

    /// <summary>Does it. A daemon that ends over it is started again meanwhile, as systemd does.</summary>
    public async Task ActAsync(string order)
    {
        isStartedAgain = false;
        supervisor.Forget();
        if (path.Verb is not null)
        {
            await lab.RunAsync("timeout -s KILL 60 " + supervisor.Verb(path.Environment, path.Act, order));
            return;
        }
        if (path.IsStart)
        {
            await supervisor.KillDaemonAsync();
            supervisor.Launch(path.Environment, order);
        }
        else
        {
            await supervisor.OrderAsync(order);
            var act = lab.RunAsync($"timeout -s KILL 60 bash -c '{path.Act}'");
            if (await Task.WhenAny(act, supervisor.Ended) != act)
                await StartAgainAsync();
            await act;
        }
        await BackgroundAsync();
    }

    /// <summary>The daemon is killed, if it was not over the act, and started again.</summary>
    public async Task StartAgainAsync()
    {
        if (isStartedAgain)
            return;
        await supervisor.KillDaemonAsync();
        await supervisor.StartDaemonAsync(path.Environment);
        isStartedAgain = true;
    }

    // What goes on in the background is given some time, or until the daemon is killed over it.
    private async Task BackgroundAsync()
    {
        var clock = Stopwatch.StartNew();
        while (path.Until is { } until && !supervisor.Ended.IsCompleted && clock.Elapsed < BackgroundTime
            && (await lab.RunAsync(until.Replace("CNID", Lab.Cnid, StringComparison.Ordinal))).Status != 0)
            await Task.Delay(Pause);
    }

    private async Task<string> OkAsync(string command)
    {
        var result = await lab.RunAsync(command);
        Assert.True(result.Status == 0, $"{command}: {result.Text}");
        return result.Output.Trim();
    }
}
