using EndToEnd.Host;

namespace EndToEnd;

/// <summary>Lists that stand in the options of <c>docker network create</c>.</summary>
public sealed class InlineListTests(Lab lab) : LabTest(lab)
{
    [Fact]
    public async Task PluginsKeys_MakeTheList()
    {
        await Lab.DockerAsync("network create -d cni --ipam-driver null -o cni.type=bridge -o cni.bridge=lab0 -o cni.isGateway=true -o "
            + "cni.mtu=1380 -o cni.ipam.type=host-local -o cni.ipam.subnet=10.9.0.0/24 lab");
        var inside = await Lab.DockerAsync("run --rm --network lab lab sh -c 'ip address; ping -c1 -W3 10.9.0.1'");

        Assert.Contains("10.9.0.", inside, StringComparison.Ordinal);
        Assert.Contains("mtu 1380", inside, StringComparison.Ordinal);
        await Lab.OkAsync("docker network rm lab; ip link delete lab0; rm -rf /var/lib/cni/networks/cnid-*");
    }

    [Theory]
    [InlineData(
        """{"cniVersion":"0.3.1","name":"one","type":"bridge","bridge":"lab0","ipam":{"type":"host-local","subnet":"10.9.0.0/24"}}""")]
    [InlineData(
        """{"cniVersion":"1.0.0","name":"one","plugins":[{"type":"bridge","bridge":"lab0","ipam":"""
            + """{"type":"host-local","subnet":"10.9.0.0/24"}},{"type":"tuning"}]}""")]
    [InlineData("""{"name":"one","plugins":[{"type":"bridge","bridge":"lab0","ipam":{"type":"host-local","subnet":"10.9.0.0/24"}}]}""")]
    public async Task Config_IsTheList(string json)
    {
        await Lab.DockerAsync($"network create -d cni --ipam-driver null -o cni.config='{json}' lab");
        Assert.Contains("10.9.0.", await Lab.DockerAsync("run --rm --network lab lab ip address"), StringComparison.Ordinal);
        await Lab.OkAsync("docker network rm lab; ip link delete lab0; rm -rf /var/lib/cni/networks/one");
    }

    [Theory]
    [InlineData("-o cni.master=eth0", "add -o cni.type=TYPE")]
    [InlineData("-o cni.type=bridge -o cni.network=pods", "'cni.type' conflicts with 'cni.network'")]
    [InlineData("-o cni.type=bridge -o com.docker.network.driver.mtu=1400", "-o cni.mtu=VALUE")]
    [InlineData("-o cni.type=bridge --internal", "remove --internal")]
    [InlineData("-o cni.type=bridge -o cni.ipam=x -o cni.ipam.type=static", "'cni.ipam.type' needs 'ipam' to be an object")]
    [InlineData("-o cni.config='{}' -o cni.mtu=1400", "'cni.mtu' is for networks with cni.type")]
    [InlineData("-o cni.config=nonsense", "option 'cni.config' is not JSON, at character 2 ('o'): 'nonsense' is an invalid JSON literal")]
    [InlineData("-o cni.config='{\"type\":\"bridge\"'", "option 'cni.config' is not JSON, at the end: Expected")]
    [InlineData("-o cni.config='{\"type\":\"bridge\",\"bridge\":\"a\",\"bridge\":\"b\"}'",
        "option 'cni.config' has the key 'bridge' twice")]
    [InlineData("-o cni.config='{\"type\":\"bridge\",\"mtu\":\"1400\"}'",
        "option 'cni.config':1: mtu is the string \"1400\", not a number: write 1400")]
    [InlineData("-o cni.type=bridge -o cni.isGateway=yes", "option cni.isGateway is the string \"yes\", neither true nor false")]
    [InlineData("-o cni.type=bridge -o cni.ipam.type=host-local -o cni.ipam.subnet=010.9.0.0/24",
        "option cni.ipam.subnet is wrong: \"010.9.0.0/24\" is not an address")]
    public async Task Options_ThatDoNotFit_AreNamedWithTheWayOut(string options, string words) =>
        Assert.Contains(words, await Lab.FailsAsync($"docker network create -d cni --ipam-driver null {options} no"),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("rm /etc/cni/net.d/pods.conflist")]
    [InlineData("echo broken > /etc/cni/net.d/pods.conflist")]
    public async Task List_EditedOrDeletedBetweenAddAndDel_ChangesNothing(string edit)
    {
        await Lab.OkAsync("""
            echo '{"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge","bridge":"lab0","isGateway":true,"ipMasq":true,
             "ipam":{"type":"host-local","subnet":"10.9.0.0/24"}},{"type":"firewall"}]}' > /etc/cni/net.d/pods.conflist
            """);
        await Lab.DockerAsync("network create -d cni --ipam-driver null -o cni.network=pods pods");
        await Lab.DockerAsync("run -d --name one --network pods lab sleep 600");
        await Lab.OkAsync(edit);
        await Lab.RestartCnidAsync();
        await Lab.DockerAsync("rm -f one");
        await Lab.OkAsync("docker network rm pods; ip link delete lab0");
    }
}
