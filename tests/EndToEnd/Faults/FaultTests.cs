using System.Diagnostics;
using EndToEnd.Host;

namespace EndToEnd.Faults;

/// <summary>
/// The daemon, or a verb, is killed before and after each system call that changes something, and each is failed with each error it can
/// have. Then the daemon is started again: what should be attached is, once, and reachable; nothing else is left; a fresh container works.
/// </summary>
[Trait("Faults", "yes")]
public sealed class FaultTests(Lab lab) : LabTest(lab), IClassFixture<Lab>
{
    private const string Pods = """
        {"cniVersion":"1.0.0","name":"pods","plugins":[
        {"type":"bridge","bridge":"pods0","isGateway":true,"ipMasq":true,
         "ipam":{"type":"host-local","ranges":[[{"subnet":"10.77.0.0/24"}],[{"subnet":"fd77::/64"}]],"routes":[{"dst":"0.0.0.0/0"}]}},
        {"type":"portmap","capabilities":{"portMappings":true}},{"type":"firewall"}]}
        """;

    // Every container of the network and every one with a label has an attachment, and reaches the outside. The network says who is on it:
    // after a "docker network connect" that failed, an inspect of the container says that it is. What was added by hand is deleted by hand.
    private const string AsItShouldBe = """
        docker network inspect net 2> /dev/null | python3 -c '
        import json, sys
        for network in json.loads(sys.stdin.read() or "[]"):
            print(*network["Containers"], sep="\n")' | grep . > /run/wanted
        docker ps -q --no-trunc --filter label=cni.networks >> /run/wanted
        for id in $(cat /run/wanted); do
            docker exec $id ping -c1 -W2 203.0.113.2 > /dev/null || { echo "$id does not reach the outside"; exit 1; }
        done
        want=$(grep -c . /run/wanted) have=$(CNID attachments --json | python3 -c '
        import json, sys
        print(sum(one["phase"] == "added" and not one["containerId"].startswith("cnitool-") for one in json.load(sys.stdin)))')
        [ $want = $have ] || { echo "$have attachments, $want wanted"; CNID attachments; exit 1; }
        """;

    private readonly Supervisor supervisor = new(lab);

    public static TheoryData<string> Names => [.. FaultPaths.All.Select(path => path.Name).Where(FaultPlan.Has)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task KilledOrFailedAtACall_NothingIsLostAndNothingIsLeft(string name)
    {
        var path = FaultPaths.All.Single(one => one.Name == name);
        await supervisor.MakeAsync();
        var start = await Inventory.TakeAsync(Lab);
        await Lab.StopCnidAsync("TERM");
        await PrepareAsync(path);
        await ActAsync(path, supervisor.Recording);
        var points = await supervisor.RecordedAsync();
        Assert.NotEmpty(points);
        if (!path.IsStart)
            await ClearAsync(path);
        await Lab.StopCnidAsync("TERM");

        List<string> broken = [];
        foreach (var point in FaultPlan.Choose(name, points).Where(point => !FaultLog.Has(path, point)))
        {
            var clock = Stopwatch.StartNew();
            await PrepareAsync(path);
            await ActAsync(path, point.Order);
            var fault = await JudgeAsync(path, start);
            FaultLog.Write(path, point, fault is null ? "held" : $"broken: {fault.ReplaceLineEndings(" | ")}", clock.Elapsed);
            if (fault is not null)
            {
                broken.Add($"{point}: {fault}");
                await ResetAsync();
            }
        }
        await Lab.RunAsync("rm -f /etc/cni/net.d/pods.conflist");
        await Lab.StartCnidAsync();
        await ClearAsync(path);
        await NothingIsLeftAsync(start);
        Assert.True(broken.Count == 0, $"seed {FaultPlan.Seed}: {broken.Count} points of '{name}':\n{string.Join('\n', broken)}");
    }

    private async Task PrepareAsync(FaultPath path)
    {
        await Lab.OkAsync($"cat > /etc/cni/net.d/pods.conflist <<'E'\n{Pods}\nE");
        await supervisor.StartDaemonAsync(path.Environment);
        if (path.IsStart && (await Lab.OkAsync("docker ps -q")).Length > 0)
            return; // the containers of the point before
        if (path.Network is { } options)
        {
            var id = await Lab.DockerAsync($"network create {options} net");
            // The engine lists it a moment after the answer; from then on cnid knows whose it is.
            await Host.Lab.EventuallyAsync("it is known whose the network is", async () =>
                (await Lab.RunAsync($"grep -q '\"engine\": {{' /var/lib/cnid/networks/{id}.json")).Status == 0);
        }
        await Lab.OkAsync(path.Before);
        if (path.Verb is { Length: > 0 } verb)
            await Lab.OkAsync($"{Lab.Cnid} {verb}");
    }

    private async Task ActAsync(FaultPath path, string order)
    {
        if (path.Verb is not null)
        {
            await Lab.RunAsync("timeout -s KILL 60 env " + supervisor.Verb(path.Act, order));
            return;
        }
        if (path.IsStart)
        {
            await Lab.StopCnidAsync("TERM");
            await supervisor.LaunchAsync(path.Environment, order);
            await UntilAsync(path);
            return;
        }
        await supervisor.OrderAsync(order);
        var act = Lab.RunAsync($"timeout -s KILL 60 bash -c '{path.Act}'");
        while (!act.IsCompleted)
        {
            // As systemd does it: the engine tries again for a while, and meets the new daemon.
            if (!await IsRunningAsync())
            {
                await Lab.StartCnidAsync(path.Environment);
                break;
            }
            await Task.WhenAny(act, Task.Delay(50));
        }
        await act;
        await UntilAsync(path);
    }

    // What goes on in the background is given three seconds, or until the daemon is killed over it.
    private async Task UntilAsync(FaultPath path) => await Lab.RunAsync(
        $"for n in $(seq 30); do {path.Until.Replace("CNID", Lab.Cnid, StringComparison.Ordinal)} && break; "
        + "pgrep -x cnid > /dev/null || break; sleep 0.1; done");

    private async Task<bool> IsRunningAsync() => (await Lab.RunAsync("pgrep -x cnid")).Status == 0;

    // Null: all is as it should be.
    private async Task<string?> JudgeAsync(FaultPath path, string start)
    {
        try
        {
            await Lab.RunAsync("pkill -KILL -x cnid; while pgrep -x cnid > /dev/null; do sleep 0.02; done");
            await Lab.StartCnidAsync(path.Environment);
            CommandResult said = new(0, "", "");
            await Host.Lab.EventuallyAsync(
                () =>
                    said.Text, async () =>
                        (said = await Lab.RunAsync(AsItShouldBe.Replace("CNID", Lab.Cnid, StringComparison.Ordinal))).Status == 0);
            if (path.Fresh.Contains("--network net ", StringComparison.Ordinal)
                && await Lab.RunAsync("docker network inspect net || docker network create -d cni net") is { Status: not 0 } lost)
                return lost.Text;
            if (await Lab.RunAsync(path.Fresh) is { Status: not 0 } refused)
                return "a fresh container: " + refused.Text;
            if (!path.IsStart)
            {
                await ClearAsync(path);
                await NothingIsLeftAsync(start);
            }
            return null;
        }
        catch (Xunit.Sdk.XunitException fault)
        {
            return fault.Message;
        }
        finally
        {
            if (!path.IsStart)
                await ClearAsync(path);
            await Lab.StopCnidAsync("TERM");
        }
    }

    private async Task NothingIsLeftAsync(string start)
    {
        var there = "";
        await Host.Lab.EventuallyAsync(() => Differences(start, there), async () => (there = await Inventory.TakeAsync(Lab)) == start);
    }

    private async Task ClearAsync(FaultPath path)
    {
        await Lab.RunAsync("docker ps -aq | xargs -rn 10 docker rm -f > /dev/null 2>&1; docker network prune -f");
        if (path.Verb is not null)
            await Lab.RunAsync($"{Lab.Cnid} del pods /run/netns/hand; {path.After}");
        await Lab.RunAsync("ip link delete pods0");
    }

    // What a point has left is not found again at the next one.
    private async Task ResetAsync()
    {
        await Lab.StopCnidAsync("KILL");
        await Lab.RunAsync("""
            docker ps -aq | xargs -rn 10 docker rm -f
            docker network ls -qf driver=cni | xargs -rn 1 docker network rm
            nft list tables | awk '/ cnid/ {print $2, $3}' | while read -r table; do nft delete table $table; done
            for iptables in iptables ip6tables; do
                for chain in CNID-FORWARD CNID-CNI CNI-FORWARD; do
                    while $iptables -D FORWARD -j $chain; do :; done
                    $iptables -F $chain; $iptables -X $chain
                done
                $iptables -t nat -F POSTROUTING; $iptables -t nat -F PREROUTING; $iptables -t nat -F OUTPUT
            done
            ip -o link | grep -oE '(cni-|pods0|veth|cnid)[^:@]*' | xargs -rn 1 ip link delete
            umount -l /run/cnid/netns/*
            rm -rf /var/lib/cnid/* /run/cnid/* /var/lib/cni/networks/*
            """);
        await Lab.RestartEngineAsync("KILL");
    }

    private static string Differences(string wanted, string found) =>
        string.Join('\n', found.Split('\n').Except(wanted.Split('\n')).Select(line => "+ " + line)
        .Concat(wanted.Split('\n').Except(found.Split('\n')).Select(line => "- " + line)));
}
