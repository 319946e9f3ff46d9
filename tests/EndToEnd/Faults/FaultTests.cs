using System.Diagnostics;
using EndToEnd.Host;

namespace EndToEnd.Faults;

/// <summary>
/// The daemon, or a verb, is killed before and after each system call that changes something, and each is failed with each error it can
/// have. Then the daemon is started again: what should be attached is, once, and reachable; nothing else is left; a fresh container works.
/// </summary>
[Trait("Faults", "yes")]
public sealed class FaultTests(Lab lab) : LabTest(lab)
{
    private const string Pods = """
        {"cniVersion":"1.0.0","name":"pods","plugins":[
        {"type":"bridge","bridge":"pods0","isGateway":true,"ipMasq":true,
         "ipam":{"type":"host-local","ranges":[[{"subnet":"10.77.0.0/24"}],[{"subnet":"fd77::/64"}]],"routes":[{"dst":"0.0.0.0/0"}]}},
        {"type":"portmap","capabilities":{"portMappings":true}},{"type":"firewall"}]}
        """;

    private readonly Supervisor supervisor = new(lab);

    public static TheoryData<string> Names => [.. FaultPlan.Paths.Select(path => path.Name)];

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Names))]
    public async Task KilledOrFailedAtACall_NothingIsLostAndNothingIsLeft(string name)
    {
        var path = FaultPlan.Paths.Single(one => one.Name == name);
        await supervisor.MakeAsync();
        try
        {
            await TryAllAsync(path);
        }
        catch
        {
            await ResetAsync(path); // for the next path
            throw;
        }
    }

    private async Task TryAllAsync(FaultPath path)
    {
        var start = await Inventory.TakeAsync(Lab);
        using var engine = new EngineApi(Lab);
        var judge = new FaultJudge(Lab, engine, start);
        await Lab.OkAsync($"cat > /etc/cni/net.d/pods.conflist <<'E'\n{Pods}\nE");
        await Lab.StopCnidAsync("TERM");

        // Undisturbed, and as at each point with a daemon that has served before: for its calls.
        await supervisor.StartDaemonAsync(path.Environment);
        var round = new FaultRound(Lab, supervisor, engine, path);
        await round.PrepareAsync();
        await judge.FreshAsync(path);
        if (!path.IsStart)
        {
            await judge.ClearAsync(path);
            await round.PrepareAsync();
        }
        await round.ActAsync(supervisor.Recording);
        var points = FaultPlan.Choose(path, await supervisor.RecordedAsync(), out var all);
        Assert.NotEmpty(points);
        FaultLog.Begin(path, points, all);
        await judge.FreshAsync(path);
        if (!path.IsStart)
            await judge.ClearAsync(path);

        List<string> broken = [];
        foreach (var point in points.Where(point => !FaultLog.Has(path, point)))
        {
            var outcome = await TryAsync(path, point, round, judge);
            if (outcome.Fault is not null && !await Lab.EngineRunsAsync())
            {
                // The engine crashes at times, whoever asks it what; at one point twice, it is the point.
                FaultLog.EngineEnded(path, point, Lab.EngineLog());
                await ResetAsync(path);
                outcome = await TryAsync(path, point, round, judge);
            }
            FaultLog.Write(path, point, outcome);
            if (outcome.Fault is { } fault)
            {
                broken.Add($"{point}: {fault}");
                await ResetAsync(path);
            }
        }
        await supervisor.KillDaemonAsync();
        await Lab.StartCnidAsync();
        await judge.ClearAsync(path);
        await Lab.RunAsync("rm -f /etc/cni/net.d/pods.conflist");
        await judge.NothingIsLeftAsync();
        Assert.True(broken.Count == 0, $"seed {FaultPlan.Seed}: {broken.Count} points of '{path}':\n{string.Join('\n', broken)}");
    }

    private async Task<FaultOutcome> TryAsync(FaultPath path, FaultPoint point, FaultRound round, FaultJudge judge)
    {
        var clock = Stopwatch.StartNew();
        TimeSpan? settled = null;
        judge.Missing = null;
        try
        {
            await round.PrepareAsync();
            await round.ActAsync(point.Order);
            await round.StartAgainAsync();
            var settling = Stopwatch.StartNew();
            await judge.AttachedAsync();
            settled = settling.Elapsed;
            await judge.FreshAsync(path);
            if (!path.IsStart)
            {
                await judge.ClearAsync(path);
                settling.Restart();
                await judge.NothingIsLeftAsync(isRefusalKept: true);
                settled += settling.Elapsed;
            }
            return new(null, round.IsReached, settled, judge.Missing, clock.Elapsed);
        }
        catch (Exception fault) when (fault is Xunit.Sdk.XunitException or HttpRequestException or OperationCanceledException)
        {
            var engine = await Lab.EngineRunsAsync() ? "" : $"\nthe engine has ended:\n{Lab.EngineLog()}";
            return new(fault.Message + engine, round.IsReached, settled, judge.Missing, clock.Elapsed);
        }
    }

    // What a point has left is not found again at the next one.
    private async Task ResetAsync(FaultPath path)
    {
        await supervisor.KillDaemonAsync();
        await Lab.RunAsync("""
            docker ps -aq | xargs -rn 10 docker rm -f
            docker network ls -qf driver=cni | xargs -rn 1 docker network rm
            nft list tables | awk '/ cnid/ {print $2, $3}' | while read -r table; do nft delete table $table; done
            for iptables in iptables ip6tables; do
                for chain in CNID-FORWARD CNID-CNI CNI-FORWARD; do
                    while $iptables -D FORWARD -j $chain; do :; done
                    $iptables -F $chain; $iptables -X $chain
                done
                $iptables -t nat -F; $iptables -t nat -X
            done
            ip -o link | grep -oE '(cni-|pods0|veth|cnid)[^:@]*' | xargs -rn 1 ip link delete
            umount -l /run/cnid/netns/*
            rm -rf /var/lib/cnid/* /run/cnid/* /var/lib/cni/networks
            """);
        await Lab.StopEngineAsync("KILL");
        await Lab.RunAsync($"rm -f {Lab.Folder}/data/network/files/local-kv.db"); // it may not start with it (Soak/NetworkRemovals.cs)
        await Lab.EngineAnswersAsync();
        await supervisor.StartDaemonAsync(path.Environment);
    }
}
