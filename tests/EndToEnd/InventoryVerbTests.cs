using System.Text.Json.Nodes;
using EndToEnd.Host;

namespace EndToEnd;

/// <summary>What exists, as an operator asks for it.</summary>
public sealed class InventoryVerbTests(Lab lab) : LabTest(lab)
{
    [Fact]
    public async Task NetworksAndAttachments_AreListed_WithWhatMadeThem()
    {
        await Lab.DockerAsync("network create -d cni web");
        var container = await Lab.DockerAsync("run -d --network web lab sleep 600");
        var address = await Lab.DockerAsync(
            $"inspect -f '{{{{range .NetworkSettings.Networks}}}}{{{{.IPAddress}}}}{{{{end}}}}' {container}");
        var endpoint = await Lab.DockerAsync(
            $"inspect -f '{{{{range .NetworkSettings.Networks}}}}{{{{.EndpointID}}}}{{{{end}}}}' {container}");

        var network = Assert.Single(JsonNode.Parse(await Lab.OkAsync($"{Lab.Cnid} networks --json"))!.AsArray())!;
        Assert.True((bool)network["generated"]!);
        Assert.All(network["plugins"]!.AsArray(), plugin => Assert.Equal("built-in", (string)plugin!["invoker"]!));
        Assert.Contains("bridge*, portmap*", await Lab.OkAsync($"{Lab.Cnid} networks"), StringComparison.Ordinal);

        var line = (await Lab.OkAsync($"{Lab.Cnid} attachments")).Split('\n')[1];
        Assert.Contains(endpoint[..12], line, StringComparison.Ordinal);
        Assert.Contains(address + "/", line, StringComparison.Ordinal);
        Assert.Contains(address + "/", await Lab.OkAsync($"{Lab.Cnid} inspect {endpoint[..8]}"), StringComparison.Ordinal);
        Assert.Contains(address + "/", await Lab.OkAsync($"{Lab.Cnid} inspect {container[..12]}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inventory_HasDockersNames_AndFitsTheTerminal()
    {
        await Lab.DockerAsync("network create -d cni --ipv6 --subnet 10.66.0.0/24 --subnet fd66::/64 web");
        await Lab.DockerAsync("run -d --name app --network web lab sleep 600");

        var piped = await Lab.OkAsync($"{Lab.Cnid} attachments");
        Assert.Matches("web +[0-9a-f]{12} +app +eth0 +10.66.0.2/24,", piped);
        Assert.All(piped.Split('\n'), line => Assert.True(line.Length <= 80, line));
        Assert.Matches("cnid-[0-9a-f]{12} +web +", await Lab.OkAsync($"{Lab.Cnid} networks"));

        var wide = await Lab.OkAsync($"script -qec 'stty cols 140; {Lab.Cnid} attachments' /dev/null");
        Assert.Contains(wide.Split('\n'), line => line.Contains("10.66.0.2/24, fd66::2/64", StringComparison.Ordinal));
        Assert.Contains(wide.Split('\n'), line => line.Contains("bridge*, portmap*", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("web")]
    [InlineData("app")]
    public async Task Inspect_ByDockersName_ShowsFacts_AndWithJsonAllOfThem(string name)
    {
        await Lab.DockerAsync("network create -d cni web");
        await Lab.DockerAsync("run -d --name app --network web lab sleep 600");

        Assert.Contains("bridge built-in, portmap built-in", await Lab.OkAsync($"{Lab.Cnid} inspect {name}"), StringComparison.Ordinal);
        Assert.NotEmpty(JsonNode.Parse(await Lab.OkAsync($"{Lab.Cnid} inspect {name} --json"))!.AsArray());
    }

    [Fact]
    public async Task Inspect_OfNothing_SaysWhereToLook() =>
        Assert.Equal("cnid: nothing has the name or id nothing; see: cnid networks, cnid attachments",
            await Lab.FailsAsync($"{Lab.Cnid} inspect nothing"));

    [Fact]
    public async Task GarbageCollection_OfAListOfAnyVersion_RemovesTheBridgeThatTheBuiltInsMade()
    {
        await Lab.OkAsync("""
            ip netns add one
            echo '{"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge","bridge":"pods0","ipam":{"type":"host-local",
             "subnet":"10.77.0.0/24"}},{"type":"firewall"}]}' > /etc/cni/net.d/pods.conflist
            """);
        await Lab.OkAsync(
            $"CNID_BUILTIN=always {Lab.Cnid} add pods /run/netns/one && {Lab.Cnid} del pods /run/netns/one && ip link show pods0");
        await Lab.OkAsync($"CNID_BUILTIN=always {Lab.Cnid} gc pods && ip netns del one");
        await Lab.FailsAsync("ip link show pods0");
    }

    [Fact]
    public async Task NetworkRm_OfAnAdministratorsList_RemovesTheBridgeThatTheBuiltInsMade_AndNoneElse()
    {
        await Lab.OkAsync("""
            echo '{"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge","bridge":"pods0","isGateway":true,
             "ipam":{"type":"host-local","subnet":"10.77.0.0/24"}}]}' > /etc/cni/net.d/pods.conflist
            """);
        await Lab.RestartCnidAsync("CNID_BUILTIN=always");
        await Lab.DockerAsync("network create -d cni --ipam-driver null -o cni.network=pods pods");
        await Lab.DockerAsync("run --rm --network pods lab true");
        await Lab.OkAsync("ip link show pods0");
        await Lab.DockerAsync("network rm pods");
        await Lab.FailsAsync("ip link show pods0");

        await Lab.OkAsync("ip link add pods0 type bridge");
        await Lab.DockerAsync("network create -d cni --ipam-driver null -o cni.network=pods pods");
        await Lab.DockerAsync("network rm pods");
        await Lab.OkAsync("ip link show pods0 && ip link delete pods0");
        await Lab.RestartCnidAsync();
    }
}
