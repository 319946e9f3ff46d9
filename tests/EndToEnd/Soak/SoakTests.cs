using System.Diagnostics;
using System.Text.RegularExpressions;
using EndToEnd.Host;

namespace EndToEnd.Soak;

/// <summary>
/// Sixteen users at a time on a host in trouble. When the trouble is over, all that runs is attached and reaches the outside; when all is
/// removed, the host is as it was, and the daemon has no more descriptors, threads or children than at its start.
/// </summary>
[Trait("Soak", "yes")]
public sealed class SoakTests(Lab lab) : LabTest(lab), IClassFixture<Lab>
{
    private const int Users = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private const string Lists = """
        list() { # NAME SUBNET PLUGIN...
            echo "{\"cniVersion\":\"1.0.0\",\"name\":\"$1\",\"plugins\":[
              {\"type\":\"bridge\",\"bridge\":\"${1}0\",\"isGateway\":true,\"ipMasq\":true,
               \"ipam\":{\"type\":\"host-local\",\"subnet\":\"$2\",\"routes\":[{\"dst\":\"0.0.0.0/0\"}]}},
              {\"type\":\"portmap\",\"capabilities\":{\"portMappings\":true}},{\"type\":\"firewall\"}$3]}" > /etc/cni/net.d/$1.conflist
        }
        list pods 10.111.0.0/24 ''
        list tags 10.112.0.0/24 ''
        list moody 10.113.0.0/24 ',{"type":"moody"}'
        list chosen 10.105.0.0/24 ''
        """;

    private const string Networks = """
        docker network create -d cni --subnet 10.101.0.0/24 generated
        docker network create -d cni --ipv6 --subnet 10.102.0.0/24 --subnet fd02::/64 dual
        docker network create -d cni -o cni.network=pods --ipam-driver null null-ipam
        docker network create -d cni -o cni.network=tags --ipam-driver cni --ipam-opt cni.network=tags --subnet 10.112.0.0/24 own-ipam
        docker network create -d cni -o cni.network=chosen --subnet 10.105.0.0/24 docker-ipam
        docker network create -d cni -o cni.network=moody --ipam-driver null moody
        """;

    // An engine that is killed forgets sandboxes. They are its own, as long as nothing of cnid's is in them.
    private const string RemoveEmptySandboxes = """
        for sandbox in /run/docker/netns/*; do
            [ "$(nsenter --net=$sandbox ip -o link | grep -cv ': lo:')" != 0 ] || { umount $sandbox && rm $sandbox; }
        done
        """;

    [Fact]
    public async Task UsersGoOn_WhileTheHostIsInTrouble_AndNothingIsLostOrLeft()
    {
        await Lab.OkAsync($"mount -o remount,size=16M /var/lib/cnid\n{Lists}\ncat > /opt/cni/bin/moody <<'E'\n{SoakFaults.MoodyPlugin}\nE\n"
            + "chmod +x /opt/cni/bin/moody");
        using var engine = new EngineApi(Lab);
        await Lab.RestartCnidAsync();
        var atRest = await DaemonAsync();
        var start = await Inventory.TakeAsync(Lab);
        await Lab.OkAsync(Networks);

        using var removals = new NetworkRemovals();
        var faults = new SoakFaults(Lab, removals);
        SoakUser[] users = [.. Enumerable.Range(0, Users).Select(number => new SoakUser(Lab, removals, number))];
        using (var half = new CancellationTokenSource(SoakPlan.Time / 2))
        using (var over = new CancellationTokenSource(SoakPlan.Time))
        {
            var living = users.Select(user => user.LiveAsync(over.Token)).ToArray();
            await faults.GoOnAsync(endsCnid: true, half.Token);
            await faults.GoOnAsync(endsCnid: false, over.Token); // one process lives through all the rest
            await Task.WhenAll(living);
        }
        await faults.HealAsync();
        List<string> refusals = [.. users.SelectMany(user => user.Refusals)];
        SoakPlan.Log($"{users.Sum(user => user.Done)} done, {refusals.Count} refused, {users.Sum(user => user.Hung.Count)} hung; {faults}");
        foreach (var hung in users.SelectMany(user => user.Hung))
            SoakPlan.Log($"hung: {hung}");
        foreach (var alike in refusals.GroupBy(WithoutNames).OrderByDescending(alike => alike.Count()))
            SoakPlan.Log($"{alike.Count()} refused: {alike.Key}");

        // An interface that was deleted comes with the next start of its container.
        await Lab.RunAsync("docker ps -q | xargs -rn 1 -P 4 docker restart -t0");
        var attached = new Attached(Lab, engine);
        await SettlesAsync("what runs is attached", attached.AmissAsync);

        await Lab.RunAsync("docker ps -aq | xargs -rn 10 docker rm -f; "
            + "docker network ls -q --filter driver=cni | xargs -rn 1 docker network rm");
        await SettlesAsync("nothing is left", async () =>
        {
            await Lab.RunAsync("rm -f /var/lib/cnid/*/*.{kept,corrupt}; ls /var/lib/cnid/attachments/*.json > /dev/null 2>&1 || "
                + "for bridge in pods0 tags0 moody0 chosen0; do ip link delete $bridge; done");
            await Lab.RunAsync(RemoveEmptySandboxes);
            return Inventory.Differences(start, await Inventory.TakeAsync(Lab));
        });
        await SettlesAsync("the daemon is at rest", async () => Inventory.Differences(atRest, await DaemonAsync()));
        Assert.Equal([], users.SelectMany(user => user.Hung)
            .Where(hung => hung.Contains($"waits for {SoakUser.Cnid}", StringComparison.Ordinal)));
    }

    protected override async Task ClearAsync() => await Lab.RunAsync("mount -o remount,size=50% /var/lib/cnid");

    private static string WithoutNames(string refusal) =>
        Regex.Replace(refusal.ReplaceLineEndings(" "), "[0-9a-f]{6,}|user[0-9-]+|[0-9]+", "#");

    // What it has open, and runs: without sockets, of which a connection may stay for a while.
    private async Task<string> DaemonAsync() => (await Lab.RunAsync("""
        pid=$(pgrep -x cnid)
        ls -l /proc/$pid/fd | sed -n 's/.* -> //p' | sed 's/:.*//' | grep -vE 'socket|[.]dll$' | sort | uniq -c
        pgrep -cP $pid
        """)).Output;

    private async Task SettlesAsync(string what, Func<Task<string?>> amissAsync)
    {
        var clock = Stopwatch.StartNew();
        while (await amissAsync() is { } amiss)
        {
            if (clock.Elapsed > Patience)
            {
                var there = await Lab.RunAsync($"docker ps -a; docker network ls; {Lab.Cnid} networks; {Lab.Cnid} attachments; "
                    + $"{Lab.Cnid} doctor; ls -l /var/lib/cnid/*; tail -n 300 {Lab.Folder}/cnid.log");
                Assert.Fail($"seed {SoakPlan.Seed}: {what}, not within {Patience.TotalSeconds} s: {amiss}\n{there.Text}");
            }
            await Task.Delay(100);
        }
        SoakPlan.Log($"{what} after {clock.Elapsed.TotalSeconds:0.0} s");
    }
}
