using System.Diagnostics;
using EndToEnd.Host;

namespace EndToEnd.Faults;

/// <summary>
/// What must hold after each point: every container of the network and every one with a label has an attachment, once, and reaches the
/// outside; a fresh container does; Docker can remove all; nothing is left.
/// </summary>
internal sealed class FaultJudge(Lab lab, EngineApi engine, string start)
{
    // What settles later than in seconds is told by the log: an endpoint of which Docker says nothing more is given a minute.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private const string Refusals = "/var/lib/cnid/starts/";
    private readonly Attached attached = new(lab, engine);

    /// <summary>What was last waited for; null: nothing was.</summary>
    public string? Missing { get; set; }

    /// <summary>Waits until all is attached as it should be.</summary>
    public Task AttachedAsync() => EventuallyAsync(attached.AmissAsync);

    /// <summary>Runs a fresh container; on the network, which is made again where the point has removed it.</summary>
    public async Task FreshAsync(FaultPath path)
    {
        if (path.Fresh.Contains("--network net ", StringComparison.Ordinal) && !await engine.HasNetworkAsync("net"))
            await OkAsync("docker network create -d cni net");
        await OkAsync(path.Fresh);
    }

    /// <summary>Removes what the point has made, as its user would.</summary>
    public async Task ClearAsync(FaultPath path)
    {
        await engine.RemoveAllAsync();
        if (path.Verb is not null)
            await lab.RunAsync($"{path.Environment} {Lab.Cnid} del pods /run/netns/hand; {path.After}");
        // A record that could not be read is kept beside the new one, for the administrator.
        await lab.RunAsync("rm -f /var/lib/cnid/*/*.kept");
    }

    /// <summary>
    /// Waits until the host is as it was at the start. The list's bridge stays after its last attachment, as CNI has it.
    /// </summary>
    /// <param name="isRefusalKept">
    /// Not waited for: the record of a refused start, by which cnid looks for the container for some seconds.
    /// </param>
    public Task NothingIsLeftAsync(bool isRefusalKept = false) => EventuallyAsync(async () =>
    {
        await lab.RunAsync("ls /var/lib/cnid/attachments/*.json > /dev/null 2>&1 || ip link delete pods0 2> /dev/null");
        var there = await Inventory.TakeAsync(lab);
        if (isRefusalKept)
            there = string.Join('\n', there.Split('\n').Where(line => !line.StartsWith(Refusals, StringComparison.Ordinal)));
        return Inventory.Differences(start, there);
    });

    private async Task OkAsync(string command)
    {
        if (await lab.RunAsync(command) is { Status: not 0 } refused)
            Assert.Fail($"{command}: {refused.Text}");
    }

    // What is not as it should be, or null.
    private async Task EventuallyAsync(Func<Task<string?>> amissAsync)
    {
        var clock = Stopwatch.StartNew();
        while (await amissAsync() is { } amiss)
        {
            if (clock.Elapsed > Patience)
                Assert.Fail($"not within {Patience.TotalSeconds} s: {amiss}");
            Missing = amiss;
            await Task.Delay(Pause);
        }
    }
}
