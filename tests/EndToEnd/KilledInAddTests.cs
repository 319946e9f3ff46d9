using EndToEnd.Host;

namespace EndToEnd;

/// <summary>
/// cnid is killed while an executable runs for an ADD. The reference's firewall takes its rules away by the result that its DEL is given,
/// and without one it leaves them.
/// </summary>
public sealed class KilledInAddTests(Lab lab) : NoneNetworkTest(lab)
{
    // Kills who runs it once it has done its work: the firewall itself, or a plugin behind it.
    private const string Kill = "[ $CNI_COMMAND != ADD ] || ! rm /run/fatal 2> /dev/null || kill -KILL $PPID";

    private static readonly (string Name, string Script)[] Scripts =
    [
        ("firewall", "$(ls /usr/lib/cni/firewall /usr/libexec/cni/firewall 2> /dev/null); status=$?\n" + Kill + "\nexit $status"),
        ("fatal", """
            case $CNI_COMMAND in VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}'; exit 0;; esac
            """ + "\n" + Kill + "\n"
            + "[ $CNI_COMMAND = DEL ] || python3 -c 'import json,sys; print(json.dumps(json.load(sys.stdin)[\"prevResult\"]))'"),
    ];

    [Theory]
    [InlineData("by hand", "firewall")]
    [InlineData("by hand", "fatal")]
    [InlineData("endpoint", "firewall")]
    [InlineData("endpoint", "fatal")]
    [InlineData("label", "firewall")]
    [InlineData("label", "fatal")]
    public async Task NothingIsLeft(string door, string killer)
    {
        var script = Scripts.Single(one => one.Name == killer).Script;
        await Lab.OkAsync($"cat > /opt/cni/bin/{killer} <<'E'\n#!/bin/sh\n{script}\nE\nchmod +x /opt/cni/bin/{killer}; touch /run/fatal");
        await ListAsync("pods", DualStack + """,{"type":"firewall"}""" + (killer == "fatal" ? """,{"type":"fatal"}""" : ""));
        await Lab.RestartCnidAsync("CNID_BUILTIN=off");
        switch (door)
        {
            case "by hand":
                await Lab.OkAsync("ip netns add hand");
                await Lab.FailsAsync($"CNID_BUILTIN=off {Lab.Cnid} add pods /run/netns/hand");
                await Lab.OkAsync($"CNID_BUILTIN=off {Lab.Cnid} del pods /run/netns/hand; ip netns del hand");
                break;
            case "endpoint":
                await Lab.DockerAsync("network create -d cni -o cni.network=pods --ipam-driver null net");
                await KilledAsync(Lab.RunAsync("docker run -d --name one --network net lab sleep 600"));
                break;
            default:
                await KilledAsync(Lab.RunAsync("docker run -d --name one --network none --label cni.networks=pods lab sleep 600"));
                await AttachedAsync("one");
                break;
        }
        await Lab.RunAsync("docker rm -f one; docker network rm net");
        await Lab.EventuallyAsync("nothing is left", async () =>
            (await Lab.RunAsync("iptables-save; ip6tables-save; ls /var/lib/cnid/attachments /var/lib/cni/networks/pods")).Output
                is var there && !there.Contains("10.77.0", StringComparison.Ordinal) && !there.Contains("fd77:", StringComparison.Ordinal)
                && !there.Contains(".json", StringComparison.Ordinal));
        await RemoveBridgeAsync();
        await Lab.RestartCnidAsync();
    }

    private async Task KilledAsync(Task<CommandResult> run)
    {
        await Lab.EventuallyAsync("the daemon is dead", async () => (await Lab.RunAsync("pgrep -x cnid")).Status != 0);
        await Lab.StartCnidAsync("CNID_BUILTIN=off");
        await run;
    }
}
