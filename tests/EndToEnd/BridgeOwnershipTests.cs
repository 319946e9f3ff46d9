using EndToEnd.Host;

namespace EndToEnd;

/// <summary>Generated networks on bridges that somebody else made.</summary>
public sealed class BridgeOwnershipTests(Lab lab) : LabTest(lab)
{
    private const string Look = "ip -d -o link show br-lab | sed -E 's/[a-z_]+_timer +[^ ]+//g; "
        + "s/(bridge_id|designated_root|tso_max_size|state|qdisc|mode) +[^ ]+//g; s/NO-CARRIER,|,LOWER_UP//g; s/^[0-9]+: //'; ip -o "
            + "address show br-lab | { grep -v fe80 || true; } | sed -E 's/^[0-9]+: //; s/ tentative//'";

    [Theory]
    [InlineData("")]
    [InlineData("CNID_BUILTIN=off")]
    public async Task A5_NetworkOnAnAdministratorsBridge_GoesAndLeavesItAsItWas(string environment)
    {
        if (environment.Length > 0)
            await Lab.RestartCnidAsync(environment);
        await Lab.OkAsync("ip link add br-lab type bridge && ip link set br-lab up && ip address add 10.77.0.1/24 dev br-lab");
        var before = await Lab.OkAsync(Look);

        await Lab.DockerAsync("network create -d cni --subnet 10.77.0.0/24 --gateway 10.77.0.1 --ipv6 --subnet fd77::/64 --gateway "
            + "fd77::1 -o com.docker.network.bridge.name=br-lab lab77");
        await Lab.DockerAsync("run --rm --network lab77 lab sh -c 'ping -c1 -W3 203.0.113.2 && ping6 -c1 -W3 fd77::1'");
        await Lab.DockerAsync("network rm lab77");
        Assert.Equal(before, await Lab.OkAsync(Look));

        // The administrator takes it away, and makes it again while a network stands on it.
        await Lab.DockerAsync(
            "network create -d cni --subnet 10.77.0.0/24 --gateway 10.77.0.1 -o com.docker.network.bridge.name=br-lab lab77");
        await Lab.OkAsync("ip link delete br-lab");
        await Lab.DockerAsync("run --rm --network lab77 lab ping -c1 -W3 203.0.113.2");
        await Lab.OkAsync(
            "ip link delete br-lab && ip link add br-lab type bridge && ip address add 10.77.0.1/24 dev br-lab && ip link set br-lab up");
        await Lab.DockerAsync("network rm lab77");
        Assert.Contains("10.77.0.1/24", await Lab.OkAsync(Look), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A5_BridgeThatCnidMade_GoesWithTheNetwork_AndAddedAddressesGoFromAnothers()
    {
        await Lab.DockerAsync("network create -d cni -o com.docker.network.bridge.name=br-own own");
        await Lab.DockerAsync("run --rm --network own lab true");
        await Lab.OkAsync("ip link show br-own");
        await Lab.DockerAsync("network rm own");
        await Lab.FailsAsync("ip link show br-own");

        await Lab.OkAsync("ip link add br-lab type bridge && ip link set br-lab up");
        var before = await Lab.OkAsync(Look);
        await Lab.DockerAsync("network create -d cni -o com.docker.network.bridge.name=br-lab lab77");
        await Lab.DockerAsync("run --rm --network lab77 lab ping -c1 -W3 203.0.113.2");
        Assert.Contains("inet ", await Lab.OkAsync(Look), StringComparison.Ordinal);
        await Lab.DockerAsync("network rm lab77");
        Assert.Equal(before, await Lab.OkAsync(Look));
    }

    [Fact]
    public async Task A5_DockersOwnBridges_AreRefused_AndStay()
    {
        await Lab.DockerAsync("network create docks");
        var docks = "br-" + (await Lab.DockerAsync("network inspect -f '{{.Id}}' docks"))[..12];
        var before = await Lab.OkAsync($"ip -o address show docker0; ip -o address show {docks}");
        foreach (var bridge in new[] { "docker0", docks })
            Assert.Contains("is reserved for Docker's own bridges",
                await Lab.FailsAsync($"docker network create -d cni -o com.docker.network.bridge.name={bridge} n"),
                StringComparison.Ordinal);
        Assert.Equal(before, await Lab.OkAsync($"ip -o address show docker0; ip -o address show {docks}"));
    }

    [Fact]
    public async Task A5_BridgeWithAnotherAddress_IsRefused_AndTheCommandItNamesWorks()
    {
        await Lab.OkAsync("ip link add br-lab type bridge && ip link set br-lab up && ip address add 10.77.0.9/24 dev br-lab");
        var refusal = await Lab.FailsAsync("docker network create -d cni --subnet 10.78.0.0/24 -o com.docker.network.bridge.name=br-lab n");
        Assert.Contains("--subnet 10.77.0.0/24 --gateway 10.77.0.9", refusal, StringComparison.Ordinal);

        await Lab.DockerAsync("network create -d cni --subnet 10.77.0.0/24 --gateway 10.77.0.9 -o com.docker.network.bridge.name=br-lab n");
        await Lab.DockerAsync("run --rm --network n lab ping -c1 -W3 203.0.113.2");
        await Lab.OkAsync("ip link add host0 type veth peer name host1");
        Assert.Contains("is not a bridge", await Lab.FailsAsync(
            "docker network create -d cni -o com.docker.network.bridge.name=host0 m; s=$?; ip link delete host0; exit $s"),
                StringComparison.Ordinal);
    }

    protected override async Task ClearAsync()
    {
        await Lab.RunAsync("ip link delete br-lab; ip link delete br-own");
        await Lab.RestartCnidAsync();
    }
}
