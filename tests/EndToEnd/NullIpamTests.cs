using EndToEnd.Host;

namespace EndToEnd;

/// <summary><c>--ipam-driver null</c>: the list's IPAM chooses, and Docker knows what it chose.</summary>
public sealed class NullIpamTests(Lab lab) : LabTest(lab)
{
    private Task<string> CreateAsync(string capabilities = "{}") => Lab.OkAsync($$$"""
        rm -rf /var/lib/cni/networks/pods
        echo '{"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge","bridge":"pods-br","isGateway":true,"ipMasq":true,
         "capabilities":{{{capabilities}}},
            "ipam":{"type":"host-local","ranges":[[{"subnet":"10.77.0.0/24"}],[{"subnet":"fd00:77::/64"}]],"routes":[{"dst":"0.0.0.0/0"},
             {"dst":"::/0"}]}},{"type":"firewall"}]}' > /etc/cni/net.d/pods.conflist
        docker network create -d cni -o cni.network=pods --ipam-driver null pods
        """);

    private Task<string> AddressesAsync(string container) =>
        Lab.DockerAsync($"inspect -f '{{{{with .NetworkSettings.Networks.pods}}}}{{{{.IPAddress}}}} "
            + $"{{{{.GlobalIPv6Address}}}}{{{{end}}}}' {container}");

    private async Task RemoveAsync(string containers)
    {
        await Lab.DockerAsync($"rm -f {containers}");
        await Lab.OkAsync("docker network rm pods; ip link delete pods-br");
    }

    [Fact]
    public async Task BothFamilies_AreDockersToo_AndItsDnsNamesThem()
    {
        await CreateAsync();
        await Lab.DockerAsync("run -d --name server --network pods lab sleep 600");
        Assert.Equal("10.77.0.2 fd00:77::2", await AddressesAsync("server"));
        await Lab.DockerAsync(
            "run --rm --network pods lab sh -c 'ping -4 -c1 -W3 server && ping -6 -c1 -W3 server && ping -c1 -W3 203.0.113.2'");
        await RemoveAsync("server");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"ips":true}""")]
    public async Task FixedAddresses_ByEndpointOption(string capabilities)
    {
        await CreateAsync(capabilities);
        await Lab.DockerAsync("run -d --name fixed lab sleep 600");
        await Lab.DockerAsync("network connect --driver-opt 'cni.ips=10.77.0.50/24;fd00:77::50/64' pods fixed");
        Assert.Equal("10.77.0.50 fd00:77::50", await AddressesAsync("fixed"));
        await Lab.DockerAsync("restart -t0 fixed");
        Assert.Equal("10.77.0.50 fd00:77::50", await AddressesAsync("fixed"));

        await Lab.DockerAsync("run -d --name second lab sleep 600");
        Assert.Contains("10.77.0.50", await Lab.FailsAsync("docker network connect --driver-opt cni.ips=10.77.0.50/24 pods second"),
            StringComparison.Ordinal);
        await RemoveAsync("fixed second");
    }

    [Fact]
    public async Task LiveRestore_KnowsTheAddresses_AndStopsClean()
    {
        await Lab.RestartEngineAsync("TERM", "--live-restore");
        await CreateAsync();
        await Lab.DockerAsync("run -d --name server --network pods lab sleep 600");
        await Lab.RestartEngineAsync("KILL", "--live-restore");

        Assert.Equal("10.77.0.2 fd00:77::2", await AddressesAsync("server"));
        await Lab.DockerAsync("run --rm --network pods lab sh -c 'ping -4 -c1 -W3 server && ping -6 -c1 -W3 server'");
        Assert.DoesNotContain("0B / 0B", await Lab.DockerAsync("stats --no-stream --format '{{.NetIO}}' server"), StringComparison.Ordinal);
        await RemoveAsync("server");
        await Lab.RestartEngineAsync("TERM");
    }
}
