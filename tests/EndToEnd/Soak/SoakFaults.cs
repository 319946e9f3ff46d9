using System.Globalization;
using EndToEnd.Host;

namespace EndToEnd.Soak;

/// <summary>
/// What happens to the host meanwhile, one thing after the other: to cnid, the engine, the firewall, links, files, a plugin.
/// </summary>
internal sealed class SoakFaults(Lab lab, NetworkRemovals removals)
{
    private const string Filler = "/var/lib/cnid/filler";
    private const string Mood = "/run/mood";
    private const string EngineKilled = "the engine is killed";
    private const string EngineEnded = "the engine is ended";

    private const string OneOfThem = "shuf -n1 --random-source=SEED";

    // As systemd does, whatever it ended by; one setting in turn, for what is attached one way may be deleted another.
    private const string StartCnid = "pgrep -x cnid > /dev/null || { CNID_BUILTIN=MODE setsid CNID serve >> LOG 2>&1 < /dev/null & }";

    private static readonly (string Name, string Happens, string Heals)[] Deeds =
    [
        ("cnid is killed", $"pkill -KILL -x cnid; {Ended("cnid")}", ""),
        ("cnid is ended", $"pkill -TERM -x cnid; {Ended("cnid")}", ""),
        ("cnid stops for a while", "pkill -STOP -x cnid; sleep 2", "pkill -CONT -x cnid"),
        (EngineKilled, $"pkill -KILL -x dockerd; {Ended("dockerd")}", ""),
        (EngineEnded, $"pkill -TERM -x dockerd; {Ended("dockerd")}", ""),
        ("the engine stops for a while", "pkill -STOP -x dockerd; sleep 2", "pkill -CONT -x dockerd"),
        ("containerd is killed", "pkill -KILL -x containerd", ""),
        ("containerd stops for a while", "pkill -STOP -x containerd; sleep 2", "pkill -CONT -x containerd"),
        ("a container's process is killed", $"pgrep -x sleep | {OneOfThem} | xargs -r kill -KILL", ""),
        ("nftables is flushed", "nft flush ruleset", ""),
        ("iptables is flushed", "iptables -F; ip6tables -F", ""),
        ("iptables' NAT is flushed", "iptables -t nat -F; ip6tables -t nat -F", ""),
        ("a link is deleted", $"ip -o link show type veth | grep -oE 'veth[0-9a-f]+' | {OneOfThem} | xargs -r ip link delete", ""),
        ("a bridge is deleted", $"ip -o link show type bridge | grep -oE '(cni-[0-9a-f]*|(pods|tags|moody|chosen)0)' | {OneOfThem} | "
            + "xargs -r ip link delete", ""),
        ("the driver's socket is removed", "rm -f /run/docker/plugins/cni.sock", ""),
        ("a file of state is cut", $"find /var/lib/cnid -name '*.json' | {OneOfThem} | xargs -r truncate -s 7", ""),
        ("the disk is full", $"cat /dev/zero > {Filler} 2> /dev/null; sleep 2", $"rm -f {Filler}"),
        ("a plugin hangs", $"echo hang > {Mood}; sleep 4", $"rm -f {Mood}"),
        ("a plugin fails late", $"echo late-failure > {Mood}; sleep 4", $"rm -f {Mood}"),
        ("a plugin succeeds late", $"echo late > {Mood}; sleep 4", $"rm -f {Mood}"),
    ];

    /// <summary>Passes the previous result on, as its mood allows.</summary>
    public const string MoodyPlugin = $$"""
        #!/bin/bash
        [ $CNI_COMMAND != VERSION ] || { echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}'; exit; }
        request=$(cat)
        case $(cat {{Mood}} 2> /dev/null) in
            hang) sleep 600 ;;
            late-failure) sleep 2; echo '{"cniVersion":"1.0.0","code":100,"msg":"not in the mood"}'; exit 1 ;;
            late) sleep 2 ;;
        esac
        [ $CNI_COMMAND = DEL ] || echo "$request" | python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)["prevResult"]))'
        """;

    private readonly Random random = SoakPlan.Random("faults");

    /// <summary>How often each has happened.</summary>
    public Dictionary<string, int> Happened { get; } = Deeds.ToDictionary(deed => deed.Name, _ => 0);

    /// <summary>Goes on until it is over. cnid and the engine are started again after each.</summary>
    /// <param name="endsCnid">Whether cnid itself is ended too.</param>
    /// <param name="over">When it is over.</param>
    public async Task GoOnAsync(bool endsCnid, CancellationToken over)
    {
        (string Name, string Happens, string Heals)[] deeds =
            [.. Deeds.Where(deed => endsCnid || deed.Name is not ("cnid is killed" or "cnid is ended"))];
        while (!over.IsCancellationRequested)
        {
            var deed = random.OneOf(deeds);
            var happens = deed.Happens.Replace("SEED", $"<(yes {random.Next()})", StringComparison.Ordinal);
            Task<CommandResult> HappenAsync() => lab.RunAsync(happens);
            await (deed.Name is EngineKilled or EngineEnded ? removals.EndEngineAsync(HappenAsync) : HappenAsync());
            Happened[deed.Name]++;
            await lab.RunAsync(deed.Heals);
            await StartCnidAsync(random.OneOf("off", "auto", "always"));
            await lab.EngineAnswersAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(500, 3000)), CancellationToken.None); // the host's own pace
        }
    }

    /// <summary>The administrator puts right what only an administrator can.</summary>
    public async Task HealAsync()
    {
        await lab.RunAsync($"rm -f {Mood} {Filler}; pkill -CONT -x 'cnid|dockerd|containerd'");
        await lab.RunAsync($"pkill -TERM -x dockerd; {Ended("dockerd")}");
        await lab.EngineAnswersAsync(); // with its rules
        await lab.RunAsync("iptables -P FORWARD DROP"); // which it leaves alone where forwarding is on
        await lab.RestartCnidAsync(); // and a file of state that was cut
    }

    private static string Ended(string program) => $"for i in $(seq 600); do pgrep -x {program} > /dev/null || break; sleep 0.1; done";

    private Task<CommandResult> StartCnidAsync(string mode) => lab.RunAsync(StartCnid.Replace("MODE", mode, StringComparison.Ordinal)
        .Replace("CNID serve", $"{Lab.Cnid} serve", StringComparison.Ordinal)
        .Replace("LOG", Path.Combine(lab.Folder, "cnid.log"), StringComparison.Ordinal));

    public override string ToString() => string.Join(", ", Happened.Where(deed => deed.Value > 0)
        .Select(deed => string.Create(CultureInfo.InvariantCulture, $"{deed.Key} {deed.Value}")));
}
