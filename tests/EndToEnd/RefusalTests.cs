using EndToEnd.Host;

namespace EndToEnd;

public sealed class RefusalTests(Lab lab) : LabTest(lab)
{
    private Task<string> ListAsync(string name, string plugins, string version = "0.4.0") =>
        Lab.OkAsync(
            $"cat > /etc/cni/net.d/{name}.conflist <<'E'\n{{\"cniVersion\":\"{version}\",\"name\":\"{name}\",\"plugins\":[{plugins}]}}\nE");

    private Task<string> PluginAsync(string name, string script) =>
        Lab.OkAsync($"cat > /opt/cni/bin/{name} <<'E'\n#!/bin/sh\nif [ $CNI_COMMAND = VERSION ]; then echo "
            + $"'{{\"cniVersion\":\"0.4.0\",\"supportedVersions\":[\"0.4.0\"]}}'; exit 0; fi\n{script}\nE\nchmod +x /opt/cni/bin/{name}");

    [Fact]
    public async Task UnknownOption_IsNamed() =>
        Assert.Contains("'cni.colour'", await Lab.FailsAsync("docker network create -d cni -o cni.colour=red no"),
            StringComparison.Ordinal);

    [Fact]
    public async Task UnknownList_NamesTheFolder() =>
        Assert.Contains("/etc/cni/net.d", await Lab.FailsAsync("docker network create -d cni -o cni.network=nowhere --ipam-driver null no"),
            StringComparison.Ordinal);

    [Fact]
    public async Task MissingPlugin_NamesTheFolders()
    {
        await ListAsync("odd", """{"type":"not-there"}""");
        Assert.Contains("/opt/cni/bin, /usr/lib/cni",
            await Lab.FailsAsync("docker network create -d cni -o cni.network=odd --ipam-driver null no"), StringComparison.Ordinal);
    }

    // What cnid networks says of a list in the folder.
    [Theory]
    [InlineData("-o cni.type=macvlan -o cni.master=wan.7 -o cni.ipam.type=dhcp",
        "-o cni.master=NAME), or create it: ip link add link wan name wan.7 type vlan id 7 && ip link set wan.7 up")]
    [InlineData("-o cni.type=ipvlan -o cni.master=eth77 -o cni.ipam.type=dhcp", "ip link add eth77 type bridge")]
    [InlineData("-o cni.type=bridge -o cni.ipam.type=not-there", "the IPAM plugin not-there is not in /opt/cni/bin, /usr/lib/cni")]
    public async Task B_ListThatIsNotUsable_IsRefusedWhenTheNetworkIsCreated(string options, string words) =>
        Assert.Contains(words, await Lab.FailsAsync($"docker network create -d cni --ipam-driver null {options} no"),
            StringComparison.Ordinal);

    [Fact]
    public async Task PluginTooOld_NamesBothVersions()
    {
        await PluginAsync("old", "exit 1");
        await ListAsync("odd", """{"type":"old"}""", "1.0.0");
        var said = await Lab.FailsAsync("docker network create -d cni -o cni.network=odd --ipam-driver null no");
        Assert.Contains("1.0.0", said, StringComparison.Ordinal);
        Assert.Contains("0.4.0", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PoolThatDisagrees_SaysTheCommandThatWorks_AndItWorks()
    {
        await ListAsync(
            "pods",
                """{"type":"bridge","bridge":"pods0","isGateway":true,"ipMasq":true,"ipam":"""
                    + """{"type":"host-local","subnet":"10.77.0.0/24","routes":[{"dst":"0.0.0.0/0"}]}},{"type":"firewall"}""");
        var said = await Lab.FailsAsync("docker network create -d cni -o cni.network=pods no");
        var command = System.Text.RegularExpressions.Regex.Match(said, "use: (docker network create .*?) NAME").Groups[1].Value;
        Assert.Contains("--subnet 10.77.0.0/24", command, StringComparison.Ordinal);

        await Lab.OkAsync($"{command} pods");
        Assert.Contains("10.77.0.9/24", await Lab.DockerAsync("run --rm --network pods --ip 10.77.0.9 lab ip address"),
            StringComparison.Ordinal);
        await Lab.OkAsync("docker network rm pods; ip link delete pods0");
    }

    [Fact]
    public async Task ListsOwnIpam_Chooses_AndDockerKnowsIt()
    {
        await ListAsync(
            "pods",
                """{"type":"bridge","bridge":"pods0","isGateway":true,"ipMasq":true,"ipam":"""
                    + """{"type":"host-local","subnet":"10.77.0.0/24","routes":[{"dst":"0.0.0.0/0"}]}},{"type":"firewall"}""");
        await Lab.DockerAsync("network create -d cni -o cni.network=pods --ipam-driver null pods");
        await Lab.DockerAsync("run -d --name server --network pods lab sleep 600");
        var address = await Lab.DockerAsync("inspect -f '{{.NetworkSettings.Networks.pods.IPAddress}}' server");

        Assert.StartsWith("10.77.0.", address, StringComparison.Ordinal);
        await Lab.DockerAsync("run --rm --network pods lab sh -c 'ping -c1 -W3 server && ping -c1 -W3 203.0.113.2'");
        await Lab.DockerAsync("rm -f server");
        await Lab.OkAsync("docker network rm pods; ip link delete pods0");
    }

    [Theory]
    [InlineData("fails", "echo '{\"code\":100,\"msg\":\"the switch is on fire\"}'; [ $CNI_COMMAND = DEL ] && exit 0; exit 1",
        "the switch is on fire")]
    [InlineData("babbles", "[ $CNI_COMMAND = DEL ] || echo this is not JSON", "this is not JSON")]
    [InlineData("dies", "[ $CNI_COMMAND = DEL ] && exit 0; echo no luck >&2; kill -9 $$", "no luck")]
    public async Task BrokenPlugin_IsQuoted_AndNothingIsLeft(string name, string script, string words)
    {
        await PluginAsync(name, script);
        await ListAsync("odd", $$"""{"type":"{{name}}"}""");
        await Lab.DockerAsync("network create -d cni -o cni.network=odd --ipam-driver null odd");

        Assert.Contains(words, await Lab.FailsAsync("docker run --rm --network odd lab true"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HangingPlugin_IsStoppedInTime()
    {
        await PluginAsync("hangs", "[ $CNI_COMMAND = DEL ] && exit 0; sleep 600");
        await ListAsync("odd", """{"type":"hangs"}""");
        await Lab.DockerAsync("network create -d cni -o cni.network=odd --ipam-driver null odd");

        Assert.Contains("did not finish ADD within 20 s", await Lab.FailsAsync("docker run --rm --network odd lab true"),
            StringComparison.Ordinal);
        Assert.NotEqual(0, (await Lab.RunAsync("pgrep -f 'sleep 600'")).Status);
    }

    [Fact]
    public async Task OverlappingSubnets_AreRefusedByDocker_AndLeaveNothing()
    {
        await Lab.DockerAsync("network create -d cni --subnet 10.66.0.0/24 one");
        await Lab.FailsAsync("docker network create -d cni --subnet 10.66.0.0/25 two");
    }
}
