using EndToEnd.Host;

namespace EndToEnd;

/// <summary>What the daemon can do with the capabilities and the umask that the shipped unit leaves it.</summary>
public sealed class UnitCapabilitiesTests(Lab lab) : NoneNetworkTest(lab)
{
    private const string Tuned = """
        {"cniVersion":"1.0.0","name":"pods","plugins":[
            {"type":"bridge","bridge":"pods0","ipam":{"type":"host-local","subnet":"10.77.0.0/24"},"dns":{"nameservers":["192.0.2.53"]}},
            {"type":"tuning","mtu":1400,"sysctl":{"net.ipv4.conf.IFNAME.log_martians":"1"}}]}
        """;

    [Fact]
    public async Task C_ReferenceTuning_KeepsItsRecord_AndItsSysctlsYieldToTheUsers()
    {
        await RestartAsUnitAsync("CNID_BUILTIN=off");
        await Lab.OkAsync($"echo '{Tuned}' > /etc/cni/net.d/pods.conflist");
        await Lab.DockerAsync("network create -d cni --ipam-driver null -o cni.network=pods pods");

        Assert.Equal("1400\n1", await SeenAsync("pods"));
        Assert.Equal("1400\n0", await SeenAsync(
            "name=pods,driver-opt=com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.log_martians=0"));

        await Lab.DockerAsync("network rm pods");
        await Lab.RunAsync("ip link delete pods0; rm -rf /etc/cni/net.d/pods.conflist /var/lib/cni/networks/pods");
        await Lab.RestartCnidAsync();
    }

    // The remapped root must pass through the folders above its engine's; a lab makes its own for root alone.
    [Fact]
    public async Task C_UsernsRemap_ContainersAreAttached_AndTheirFilesWritten()
    {
        await Lab.OkAsync($$"""
            chmod 711 {{Lab.Folder}}
            echo daemon:100000:65536 > {{Lab.Folder}}/subid
            for file in /etc/subuid /etc/subgid; do mount --bind {{Lab.Folder}}/subid $file; done
            """);
        await Lab.RestartEngineAsync("TERM", "--userns-remap daemon");
        await RestartAsUnitAsync();
        try
        {
            await Lab.OkAsync($"tar -C {Lab.Folder}/image -c . | docker import - lab");
            await ListAsync("pods", Bridge.Replace("\"capabilities\"", "\"dns\":{\"nameservers\":[\"192.0.2.53\"]},\"capabilities\"",
                StringComparison.Ordinal));
            foreach (var runtime in new[] { "", "--runtime cni" })
            {
                var id = await RunAsync("pod", $"{runtime} --label cni.networks=pods");
                Assert.Equal("100000", await Lab.OkAsync($"stat -c %u {Lab.Folder}/data/100000.100000/containers/{id}/hosts"));
                Assert.Equal("100000", await Lab.OkAsync($"stat -c %u /proc/$(docker inspect -f '{{{{.State.Pid}}}}' pod)"));
                var address = await AddressAsync("pod");
                await Lab.EventuallyAsync("hosts has its address", async () =>
                    (await InAsync("pod", "cat /etc/hosts")).Contains($"{address}\t", StringComparison.Ordinal));
                await Lab.EventuallyAsync("resolv.conf has the list's server", async () =>
                    (await InAsync("pod", "cat /etc/resolv.conf")).Contains("nameserver 192.0.2.53", StringComparison.Ordinal));
                await InAsync("pod", "ping -c1 -W3 203.0.113.2");
                await Lab.DockerAsync("rm -f pod");
                await GoneAsync("pod");
            }
            await RemoveBridgeAsync();

            await Lab.DockerAsync("network create -d cni web");
            await Lab.DockerAsync("run -d --name server --network web -p 8080:80 lab httpd -f -h /www");
            Assert.Equal("hello", await Lab.DockerAsync("run --rm --network web lab wget -qO- http://server/"));
            Assert.Equal("hello", (await Lab.InternetAsync("curl -s -m3 http://203.0.113.1:8080/")).Output.Trim());
            await Lab.OkAsync("docker rm -f server; docker network rm web");
        }
        finally
        {
            await Lab.RunAsync("docker rm -f $(docker ps -aq); docker network prune -f");
            await Lab.RestartEngineAsync("TERM");
            await Lab.RunAsync($"umount /etc/subuid /etc/subgid; rm -rf {Lab.Folder}/data/100000.100000");
            await Lab.RestartCnidAsync();
        }
    }

    // Up to Docker 27 sysctls are set just after the start, which the log says.
    private async Task<string> SeenAsync(string network)
    {
        var before = Replayed();
        await Lab.DockerAsync($"run -d --name pod --network {network} lab sleep 600");
        await Lab.EventuallyAsync("what the plugins left is in the container", () => Task.FromResult(Replayed() > before));
        var seen = await Lab.DockerAsync("exec pod cat /sys/class/net/eth0/mtu /proc/sys/net/ipv4/conf/eth0/log_martians");
        await Lab.DockerAsync("rm -f pod");
        return seen;

        int Replayed() => Lab.CnidLog.Split("replayed on ").Length;
    }

    private async Task RestartAsUnitAsync(string environment = "")
    {
        var unit = await File.ReadAllLinesAsync(
            Path.Combine(Machine.Repository, "plugin-config/systemd/cnid.service"), TestContext.Current.CancellationToken);
        string Of(string key) => unit.Single(line => line.StartsWith(key + '=', StringComparison.Ordinal))[(key.Length + 1)..];
        var rights = string.Concat(Of("CapabilityBoundingSet").Split(' ')
            .Select(right => $",+{right["CAP_".Length..].ToLowerInvariant()}"));
        await Lab.StopCnidAsync("TERM");
        await Lab.StartCnidAsync($"umask {Of("UMask")}; {environment} setpriv --bounding-set -all{rights}");
    }
}
