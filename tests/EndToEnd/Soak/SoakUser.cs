using System.Diagnostics;
using System.Globalization;
using EndToEnd.Host;

namespace EndToEnd.Soak;

/// <summary>
/// Somebody who has two containers, and does to them what people do, one thing after the other. What is asked may fail, for the host is in
/// trouble; it must not hang.
/// </summary>
internal sealed class SoakUser(Lab lab, NetworkRemovals removals, int number)
{
    /// <summary>More than Docker's own limits for a plugin, and the time that an engine takes to start.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    private const string Removal = "docker network rm";

    /// <summary>For whom the engine waits, if it is for the driver.</summary>
    public const string Cnid = "cnid";

    /// <summary>The networks that all share.</summary>
    public static readonly string[] Networks = ["generated", "dual", "null-ipam", "own-ipam", "docker-ipam", "moody"];

    private readonly Random random = SoakPlan.Random($"user {number}");

    public int Done { get; private set; }

    public List<string> Refusals { get; } = [];

    public List<string> Hung { get; } = [];

    /// <summary>Goes on until it is over.</summary>
    public async Task LiveAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            var command = Next();
            await (command.StartsWith(Removal, StringComparison.Ordinal)
                ? removals.RemoveAsync(() => RunAsync(command))
                : RunAsync(command));
        }
    }

    private async Task<bool> RunAsync(string command)
    {
        var clock = Stopwatch.StartNew();
        var said = await lab.RunAsync($"timeout -s KILL {Patience.TotalSeconds} {command}");
        if (said.Status == 0)
            Done++;
        else if (clock.Elapsed < Patience)
            Refusals.Add($"{command}: {said.Text}");
        else
            Hung.Add($"{command}: the engine waits for {await AwaitedAsync()}");
        return said.Status == 0;
    }

    // For whom the engine waits: its goroutines say it. A call of a plugin has frames of its client.
    private async Task<string> AwaitedAsync()
    {
        var stacks = await lab.RunAsync("""
            rm -f /run/docker/goroutine-stacks-*.log; pkill -USR1 -x dockerd
            for i in $(seq 50); do stacks=$(ls /run/docker/goroutine-stacks-*.log 2> /dev/null) && break; sleep 0.1; done; sleep 0.5
            awk -v RS= '/pkg\/plugins/' $stacks | grep -oE 'remote[.][(][*](driver|allocator)[)][.][A-Z][A-Za-z]+' | sort | uniq -c
            """);
        return stacks.Output.Trim() is { Length: > 0 } calls ? $"{Cnid}: {calls.ReplaceLineEndings(" ")}" : "others";
    }

    private string Next()
    {
        var slot = random.Next(2);
        var name = string.Create(CultureInfo.InvariantCulture, $"user{number}-{slot}");
        var network = random.OneOf(Networks);
        var port = 20000 + (number * 10) + slot;
        var publish = random.OneOf("", $"-p {port}:80");
        return random.Next(16) switch
        {
            0 or 1 or 2 => $"docker run -d --name {name} --network {network} {publish} lab sleep 600",
            3 => $"docker run --rm --network {network} {publish} lab ping -c1 -W3 203.0.113.2",
            4 => $"docker run -d --name {name} --network none --label cni.networks=tags lab sleep 600",
            5 => $"docker run -d --name {name} --network none --runtime cni --label cni.networks=tags --label cni.ports={port}:80 "
                + "lab sleep 600",
            6 => "docker run --rm --network none --runtime cni --label cni.networks=tags lab ping -c1 -W3 203.0.113.2",
            7 => $"docker stop -t0 {name}",
            8 => $"docker start {name}",
            9 => $"docker restart -t0 {name}",
            10 => $"docker kill {name}",
            11 => $"docker network connect {network} {name}",
            12 => $"docker network disconnect {random.OneOf("", "-f")} {network} {name}",
            13 => $"docker network create -d cni --subnet 10.{200 + number}.{slot}.0/24 {name}",
            14 => $"{Removal} {name}",
            _ => $"docker rm -f {name}",
        };
    }
}
