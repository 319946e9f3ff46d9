using System.Text.Json.Nodes;
using EndToEnd.Host;

namespace EndToEnd;

/// <summary><c>cnid network import</c>: a list becomes a Docker network without its user knowing which flags that takes.</summary>
public sealed class ImportTests(Lab lab) : LabTest(lab)
{
    private const string Routed = """{"type":"host-local","subnet":"10.77.0.0/24","routes":[{"dst":"0.0.0.0/0"}]}""";

    [Theory]
    [InlineData("", Routed, "docker network create -d cni -o cni.network=pods --ipam-driver cni --ipam-opt cni.network=pods --subnet "
        + "10.77.0.0/24 --gateway 10.77.0.1 pods")]
    [InlineData("", """{"type":"host-local","ranges":[[{"subnet":"10.77.0.0/24"}],[{"subnet":"fd77::/64"}]]}""",
        "docker network create -d cni -o cni.network=pods --ipam-driver cni --ipam-opt cni.network=pods --ipv6 --subnet 10.77.0.0/24 "
        + "--gateway 10.77.0.1 --subnet fd77::/64 --gateway fd77::1 pods")]
    [InlineData("--addresses null --as mine --label a='b c'", Routed,
        "docker network create -d cni -o cni.network=pods --ipam-driver null --label 'a=b c' mine")]
    [InlineData("--addresses docker", Routed,
        "docker network create -d cni -o cni.network=pods --subnet 10.77.0.0/24 --gateway 10.77.0.1 pods")]
    [InlineData("--addresses docker", """{"type":"host-local","ranges":[[{"subnet":"10.77.0.0/24"}],[{"subnet":"fd77::/64"}]]}""",
        "docker network create -d cni -o cni.network=pods --ipv6 --subnet 10.77.0.0/24 --gateway 10.77.0.1 --subnet fd77::/64 --gateway "
        + "fd77::1 pods")]
    [InlineData("", """{"type":"static"}""", "docker network create -d cni -o cni.network=pods pods")]
    [InlineData("", """{"type":"static","addresses":[{"address":"10.77.0.9/24"}]}""",
        "docker network create -d cni -o cni.network=pods --ipam-driver null pods")]
    public async Task Import_CreatesTheNetwork_ThatTheLineItPrintsCreates(string options, string ipam, string line)
    {
        await PodsAsync(ipam);
        Assert.Equal(line, await Lab.OkAsync($"{Lab.Cnid} network import pods {options} --dry-run"));
        Assert.Equal("", await Lab.DockerAsync("network ls -q -f driver=cni"));

        var said = (await Lab.OkAsync($"{Lab.Cnid} network import pods {options}")).Split('\n');
        Assert.Equal(line, said[0]);
        Assert.Equal(await Lab.DockerAsync("network ls -q --no-trunc -f driver=cni"), said[1]);
        Assert.Single(JsonNode.Parse(await Lab.OkAsync($"{Lab.Cnid} networks --json"))!.AsArray()); // C: the list, with its network
        var imported = await SeenAsync();
        var inside = await Lab.DockerAsync($"run --rm --network {line.Split(' ')[^1]} lab ip address show dev eth0");
        Assert.Contains(ipam.Contains("77", StringComparison.Ordinal) ? "inet 10.77.0." : "inet ", inside, StringComparison.Ordinal);

        await Lab.DockerAsync("network rm $(docker network ls -q -f driver=cni)");
        await Lab.OkAsync(line);
        if (line.Contains("--", StringComparison.Ordinal)) // else the pool is Docker's to choose, and its next one is another
            Assert.Equal(imported, await SeenAsync());
        await Lab.RunAsync(
            "docker network rm $(docker network ls -q -f driver=cni); ip link delete pods0; rm -rf /var/lib/cni/networks/pods");
    }

    [Fact]
    public async Task Import_OfAListThatNerdctlWrote_KeepsItsLabels()
    {
        await Lab.OkAsync($$$"""
            echo '{"cniVersion":"1.0.0","name":"pods","nerdctlID":"1","nerdctlLabels":{"com.example.team":"nets"},
             "args":{"podman_labels":{"by":"podman"}},
                "plugins":[{"type":"bridge","bridge":"pods0","ipam":{{{Routed}}}}]}' > /etc/cni/net.d/pods.conflist
            """);
        await Lab.OkAsync($"{Lab.Cnid} network import pods");
        Assert.Equal("map[by:podman com.example.team:nets]", await Lab.DockerAsync("network inspect -f '{{.Labels}}' pods"));
    }

    [Fact]
    public async Task Import_ThatCannotBe_SaysTheWayOut()
    {
        await PodsAsync(Routed);
        Assert.Contains("no network list named nothing in /etc/cni/net.d: there are pods",
            await Lab.FailsAsync($"{Lab.Cnid} network import nothing"), StringComparison.Ordinal);
        await Lab.OkAsync($"{Lab.Cnid} network import pods");
        Assert.Contains("Docker already has a network named pods; use another name with --as NAME",
            await Lab.FailsAsync($"{Lab.Cnid} network import pods"), StringComparison.Ordinal);
        Assert.Contains("unix:///run/nobody.sock does not answer",
            await Lab.FailsAsync($"{Lab.Cnid} network import pods --as other --docker-host unix:///run/nobody.sock"),
            StringComparison.Ordinal);

        await PodsAsync("""{"type":"host-local","subnet":"10.77.0.0/24","rangeStart":"10.77.0.100"}""");
        Assert.Contains("remove --addresses docker",
            await Lab.FailsAsync($"{Lab.Cnid} network import pods --as other --addresses docker"), StringComparison.Ordinal);
        await PodsAsync("""{"type":"static"}""");
        Assert.Contains("--addresses docker", await Lab.FailsAsync($"{Lab.Cnid} network import pods --as other --addresses list"),
            StringComparison.Ordinal);
        Assert.Contains("--dry-run", await Lab.OkAsync($"{Lab.Cnid} network import --help"), StringComparison.Ordinal);
    }

    // The example list dual-stack.conflist promises it; the executable and the built-in alike.
    [Theory]
    [InlineData("")]
    [InlineData("CNID_BUILTIN=always")]
    public async Task A_AddressBesideTheRange_ByHand_IsGiven_OnNomadsListToo(string environment)
    {
        await Lab.RestartCnidAsync(environment);
        await Lab.OkAsync("""
            echo '{"cniVersion":"0.4.0","name":"nomad","plugins":[{"type":"loopback"},{"type":"bridge","bridge":"nomad","ipMasq":true,
             "isGateway":true,"forceAddress":true,
                "ipam":{"type":"host-local","ranges":[[{"subnet":"172.26.64.0/20","rangeEnd":"172.26.64.100"}]],
                 "routes":[{"dst":"0.0.0.0/0"}]}}]}' > /etc/cni/net.d/nomad.conflist
            """);
        await Lab.OkAsync($"{Lab.Cnid} network import nomad");
        Assert.Contains("inet 172.26.70.7/20",
            await Lab.DockerAsync("run --rm --network nomad --ip 172.26.70.7 lab ip address show dev eth0"), StringComparison.Ordinal);
        Assert.Contains("inet 172.26.64.", await Lab.DockerAsync("run --rm --network nomad lab ip address show dev eth0"),
            StringComparison.Ordinal);
        await Lab.DockerAsync("network rm nomad");
        await Lab.DockerAsync("network create -d cni --ipam-driver null -o cni.network=nomad nomad");
        // Docker's client writes all of it in lower case: the args' keys get their names back.
        Assert.Contains("inet 172.26.70.8/20",
            await Lab.DockerAsync("run --rm --network 'name=nomad,driver-opt=cni.ips=172.26.70.8/20' lab ip address show dev eth0"),
            StringComparison.Ordinal);
        Assert.Contains("02:00:00:00:00:99",
            await Lab.DockerAsync(
            "run --rm --network 'name=nomad,driver-opt=cni.args=IgnoreUnknown=1;MAC=02:00:00:00:00:99' lab ip address show dev eth0"),
                StringComparison.Ordinal);
        await Lab.OkAsync("docker network rm nomad; ip link delete nomad 2> /dev/null; rm -rf /var/lib/cni/networks/nomad");
        await Lab.RestartCnidAsync();
    }

    private Task<string> SeenAsync() =>
        Lab.DockerAsync(
            "network inspect -f '{{.Driver}} {{.IPAM}} {{.EnableIPv6}} {{.Options}} {{.Labels}}' $(docker network ls -q -f driver=cni)");

    private Task<string> PodsAsync(string ipam) => Lab.OkAsync(
        $$$"""echo '{"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge","bridge":"pods0","isGateway":true,"ipam":"""
            + $$$"""{{{ipam}}}}]}' > /etc/cni/net.d/pods.conflist""");
}
