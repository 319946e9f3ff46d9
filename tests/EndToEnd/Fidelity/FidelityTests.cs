using System.Text.RegularExpressions;
using EndToEnd.Host;

namespace EndToEnd.Fidelity;

/// <summary>
/// What a list does to a namespace is what it does to a container: each is added to a bare namespace by hand and to a container by Docker,
/// and the two hold the same. docs/fidelity.md is this table.
/// </summary>
public sealed class FidelityTests(Lab lab) : LabTest(lab)
{
    // Docker's own, in every container: runc sets the first two, libnetwork switches IPv6 off where no such address was told, and announces
    // itself.
    private static readonly Regex Dockers =
        new("^ipv4/(ip_unprivileged_port_start|ping_group_range):|^ipv6/conf/[^/]+/disable_ipv6:|^ipv4/tcp_fastopen_key:");

    public static TheoryData<string> Names => [.. Chain.All.Select(chain => chain.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Container_HoldsWhatABareNamespaceDoes(string name)
    {
        var chain = Chain.All.Single(one => one.Name == name);
        Assert.SkipWhen(chain.Needs.Length > 0 && (await Lab.RunAsync($"ls /usr/lib/cni/{chain.Needs}")).Status != 0,
            $"this release of the reference plugins has no {chain.Needs}");
        await Lab.OkAsync($$"""
            cat > /etc/cni/net.d/fidelity.conflist <<'LIST'
            {"cniVersion":"1.0.0","name":"fidelity","plugins":[{{chain.Plugins}}]}
            LIST
            {{chain.Prepare}}
            """);
        List<string> bare, container;
        try
        {
            bare = await InANamespaceAsync();
            await Lab.OkAsync(chain.Prepare + "\ntrue");
            container = await InAContainerAsync();
        }
        finally
        {
            await Lab.RunAsync("docker rm -f one; docker network rm fidelity; ip netns delete bare; for link in fid0 lan hd0 hd1; do ip "
                + "link delete $link; done");
        }
        var (only, surplus) = (bare.Except(container).ToList(), container.Except(bare).ToList());
        Assert.True(only.Count + surplus.Count == 0, $"the container lacks\n{string.Join('\n', only)}\nand has "
            + $"besides\n{string.Join('\n', surplus)}\n{Lab.CnidLog.Split('\n').TakeLast(4).Aggregate((a, b) => a + "\n" + b)}");
    }

    private async Task<List<string>> InANamespaceAsync()
    {
        await Lab.OkAsync($"ip netns add bare && ip -n bare link set lo up && {Lab.Cnid} add fidelity /run/netns/bare");
        try
        {
            return await StateAsync("/run/netns/bare");
        }
        finally
        {
            await Lab.OkAsync($"{Lab.Cnid} del fidelity /run/netns/bare; ip netns delete bare");
        }
    }

    private async Task<List<string>> InAContainerAsync()
    {
        await Lab.DockerAsync("network create -d cni -o cni.network=fidelity --ipam-driver null fidelity");
        await Lab.DockerAsync("run -d --name one --network fidelity lab sleep 600");
        var space = $"/proc/{await Lab.DockerAsync("inspect -f '{{.State.Pid}}' one")}/ns/net";
        await Lab.EventuallyAsync("the driver has carried over", () =>
            Task.FromResult(Lab.CnidLog.Split("added ")[^1].Contains("replayed on", StringComparison.Ordinal)), 10);
        return await StateAsync(space);
    }

    private async Task<List<string>> StateAsync(string space)
    {
        var text = await Lab.OkAsync($"{AppContext.BaseDirectory}/namespace-state.sh {space}");
        return [.. text.Split('\n').Where(line => !Dockers.IsMatch(line))];
    }
}
