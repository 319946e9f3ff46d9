using System.Text.Json.Nodes;
using EndToEnd.Host;

namespace EndToEnd;

/// <summary>The state folder is lost under networks and running containers: they are rebuilt from what the engine has kept.</summary>
public sealed class LostStateTests(Lab lab) : LabTest(lab)
{
    private const string Pods =
        """{"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge","bridge":"pods0","isGateway":true,"ipMasq":true,"ipam":"""
            + """{"type":"host-local","ranges":[[{"subnet":"10.77.0.0/24"}]],"routes":[{"dst":"0.0.0.0/0"}]},"capabilities":"""
            + """{"ips":true,"mac":true}},{"type":"portmap","capabilities":{"portMappings":true}},{"type":"firewall"}]}""";

    // What a rebuilt network has besides, and when it was made.
    private static readonly string[] Changing = ["createdAt", "engine", "rebuiltAt", "remark"];

    [Theory]
    [InlineData("")]
    [InlineData("--subnet 10.91.0.0/24")]
    [InlineData("--subnet 10.91.0.0/24 --gateway 10.91.0.77")]
    [InlineData("--subnet 10.91.0.0/24 --ip-range 10.91.0.128/25")]
    [InlineData("--subnet 10.91.0.0/24 --ip-range 10.91.0.0/25 --aux-address router=10.91.0.9")]
    [InlineData("--subnet 10.91.0.0/24 --ipv6 --subnet fd91::/64")]
    [InlineData("--subnet 10.91.0.0/24 --ipv6 --subnet fd91::/64 --gateway fd91::7")]
    [InlineData("--internal --subnet 10.91.0.0/24")]
    [InlineData("-o com.docker.network.driver.mtu=1400 -o com.docker.network.bridge.name=br-lost -o "
        + "com.docker.network.bridge.enable_icc=false -o com.docker.network.bridge.enable_ip_masquerade=false")]
    [InlineData("-o cni.network=pods --ipam-driver null")]
    [InlineData("-o cni.network=pods --subnet 10.77.0.0/24 --gateway 10.77.0.1")]
    [InlineData("--ipam-driver cni --ipam-opt cni.network=pods --subnet 10.77.0.0/24")]
    [InlineData("--ipam-driver cni --ipam-opt cni.network=pods --subnet 10.77.0.0/24 --aux-address router=10.77.0.9")]
    [InlineData("--ipam-driver null -o cni.type=macvlan -o cni.master=wan -o cni.ipam.type=host-local -o cni.ipam.subnet=203.0.113.0/24")]
    public async Task A3_Network_IsRebuiltAsItWas(string options)
    {
        await Lab.OkAsync($"echo '{Pods}' > /etc/cni/net.d/pods.conflist; touch -d '1 hour ago' /etc/cni/net.d/pods.conflist");
        var id = await Lab.DockerAsync($"network create -d cni {options} lost");
        await ListedAsync(id);
        var before = await StoredAsync("networks");
        var pools = await StoredAsync("pools");
        await LoseAsync();

        await RebuiltAsync(id);
        await ListedAsync(id);
        Assert.Equal(before, await StoredAsync("networks"));
        Assert.Equal(pools, await StoredAsync("pools"));
        await Lab.DockerAsync("run --rm --network lost lab true");
        Assert.DoesNotContain("lost", (await Lab.RunAsync($"{Lab.Cnid} health --ready")).Text, StringComparison.Ordinal);
        await Lab.DockerAsync("network rm lost");
        await Lab.RunAsync($"{Lab.Cnid} gc pods --builtin always"); // the name under which --aux-address holds its address was lost
        await Lab.RunAsync("ip link delete pods0");
    }

    [Theory]
    [InlineData("", "", "stop -t0 one")]
    [InlineData("", "", "network disconnect net one")]
    [InlineData("-o cni.network=pods --ipam-driver null", "", "stop -t0 one")]
    [InlineData("-o cni.network=pods --ipam-driver null", "", "network disconnect net one")]
    [InlineData("-o cni.network=pods --subnet 10.77.0.0/24 --gateway 10.77.0.1", "", "restart -t0 one")]
    [InlineData("", "CNID_BUILTIN=off", "stop -t0 one")]
    [InlineData("--ipam-driver cni --ipam-opt cni.network=pods --subnet 10.77.0.0/24", "", "stop -t0 one")]
    public async Task A3_RunningContainer_StaysOnItsNetwork_AndEndsCleanly(string options, string environment, string end)
    {
        await Lab.OkAsync($"echo '{Pods}' > /etc/cni/net.d/pods.conflist");
        await Lab.RestartCnidAsync(environment);
        var id = await Lab.DockerAsync($"network create -d cni {options} net");
        await Lab.DockerAsync("run -d --name one --network net -p 8080:80 lab httpd -f -h /www");
        await LoseAsync(environment);
        await RebuiltAsync(id);

        await Lab.EventuallyAsync("the endpoint is on record again", async () =>
            (await Lab.RunAsync($"grep -l {id} /var/lib/cnid/endpoints/*.json")).Status == 0);
        await Lab.DockerAsync("exec one ping -c1 -W3 203.0.113.2");
        Assert.Equal("hello", await Lab.OkAsync("curl -s -m3 http://203.0.113.1:8080/"));
        Assert.Contains("8080", await Lab.FailsAsync("docker run --rm --network net -p 8080:80 lab true"), StringComparison.Ordinal);
        await Lab.DockerAsync(end);
        if (end.StartsWith("restart", StringComparison.Ordinal))
            await Lab.DockerAsync("exec one ping -c1 -W3 203.0.113.2");
        await Lab.DockerAsync("rm -f one");
        await Lab.EventuallyAsync("its endpoint is gone", async () =>
            await Lab.OkAsync("ls /var/lib/cnid/endpoints /var/lib/cnid/attachments | grep -c json || true") == "0");
        if (options.Contains("ipam-driver cni", StringComparison.Ordinal))
            await Lab.OkAsync($"{Lab.Cnid} gc pods --builtin always"); // the name of its address was lost
        Assert.Equal("0", await Lab.OkAsync("ls /var/lib/cni/networks/pods 2> /dev/null | grep -c ^10 || true"));
        await Lab.DockerAsync("run --rm --network net -p 8080:80 lab true");
        await Lab.DockerAsync("network rm net");
        await Lab.RunAsync("ip link delete pods0");
        await Lab.RestartCnidAsync();
    }

    [Fact]
    public async Task A3_ListChangedSince_IsReported()
    {
        await Lab.OkAsync($"echo '{Pods}' > /etc/cni/net.d/pods.conflist");
        var id = await Lab.DockerAsync("network create -d cni -o cni.network=pods --ipam-driver null net");
        await Lab.OkAsync("touch -d '1 hour' /etc/cni/net.d/pods.conflist");
        await LoseAsync();
        await RebuiltAsync(id);

        foreach (var verb in new[] { "networks", "doctor" })
        {
            await Lab.EventuallyAsync($"'cnid {verb}' says so", async () =>
                (await Lab.RunAsync($"{Lab.Cnid} {verb} | tr -s '\\n ' ' '")).Output.Contains("was changed at", StringComparison.Ordinal));
        }
        Assert.Contains("network net: the list /etc/cni/net.d/pods.conflist was changed at", Lab.CnidLog, StringComparison.Ordinal);
        await Lab.RunAsync("ip link delete pods0");
    }

    [Fact]
    public async Task A3_NetworkThatCannotBeRebuilt_SaysWhy_AndTheStepsItNamesWork()
    {
        await Lab.OkAsync($"echo '{Pods}' > /etc/cni/net.d/pods.conflist");
        await Lab.DockerAsync("network create -d cni -o cni.network=pods --ipam-driver null net");
        await Lab.DockerAsync("run -d --name one --network net lab sleep 600");
        await Lab.OkAsync("rm /etc/cni/net.d/pods.conflist");
        await LoseAsync();

        await Lab.EventuallyAsync("readiness says why", async () =>
            (await Lab.RunAsync($"{Lab.Cnid} health --ready")).Text.Contains("lost networks: net (", StringComparison.Ordinal));
        await Lab.EventuallyAsync("the doctor finds it", async () =>
            (await Lab.RunAsync($"{Lab.Cnid} doctor")).Output.Contains("fail  networks", StringComparison.Ordinal));
        await Lab.DockerAsync("exec one ping -c1 -W3 203.0.113.2");
        await Lab.DockerAsync("stop -t0 one");
        var refusal = await Lab.FailsAsync("docker start one");
        foreach (var word in new[] { "cannot be rebuilt", "pods", "docker network disconnect -f net", "docker network connect net" })
            Assert.Contains(word, refusal, StringComparison.Ordinal);

        await Lab.DockerAsync("network disconnect -f net one");
        await Lab.DockerAsync("network rm net");
        await Lab.OkAsync($"echo '{Pods}' > /etc/cni/net.d/pods.conflist");
        await Lab.DockerAsync("network create -d cni -o cni.network=pods --ipam-driver null net");
        await Lab.DockerAsync("network connect net one");
        await Lab.DockerAsync("start one");
        await Lab.DockerAsync("exec one ping -c1 -W3 203.0.113.2");
        await Lab.DockerAsync("rm -f one");
        await Lab.OkAsync($"{Lab.Cnid} gc pods --builtin always"); // the first one's address: no DEL could be run for it
        await Lab.DockerAsync("network rm net");
        await Lab.RunAsync("ip link delete pods0"); // the first one's
        await RemoveRulesOfAsync("pods");
    }

    [Fact]
    public async Task A3_EngineStartsItsContainersBeforeTheRebuild_TheyAreRefused_AndStartedAgainAfterIt()
    {
        var id = await Lab.DockerAsync("network create -d cni net");
        await Lab.DockerAsync("run -d --name one --restart=always --network net lab sleep 86400");
        await Lab.OkAsync("pkill -KILL -x dockerd");
        await LoseAsync();
        await Lab.RestartEngineAsync("KILL");

        await RebuiltAsync(id);
        await Lab.EventuallyAsync("it runs again", async () =>
            (await Lab.RunAsync("docker exec one ping -c1 -W3 203.0.113.2")).Status == 0, seconds: 90);
        Assert.Contains("It is rebuilt when Docker answers", Lab.CnidLog, StringComparison.Ordinal);
        await Lab.DockerAsync("rm -f one");
    }

    [Fact]
    public async Task A3_ListThatComesBack_NetworkIsRebuiltThen()
    {
        await Lab.OkAsync($"echo '{Pods}' > /etc/cni/net.d/pods.conflist");
        var id = await Lab.DockerAsync("network create -d cni -o cni.network=pods --ipam-driver null net");
        await Lab.OkAsync("mv /etc/cni/net.d/pods.conflist /run/pods.aside");
        await LoseAsync();
        await Lab.EventuallyAsync("readiness says why", async () =>
            (await Lab.RunAsync($"{Lab.Cnid} health --ready")).Text.Contains("lost networks: net (", StringComparison.Ordinal));
        await Lab.OkAsync("mv /run/pods.aside /etc/cni/net.d/pods.conflist");

        await RebuiltAsync(id);
        await Lab.DockerAsync("run --rm --network net lab ping -c1 -W3 203.0.113.2");
        await Lab.DockerAsync("network rm net");
        await Lab.RunAsync("ip link delete pods0");
    }

    private async Task LoseAsync(string environment = "")
    {
        await Lab.StopCnidAsync("KILL");
        await Lab.OkAsync("rm -rf /var/lib/cnid/*");
        await Lab.StartCnidAsync(environment);
    }

    private Task RebuiltAsync(string id) =>
        Lab.EventuallyAsync("it is rebuilt", async () =>
            (await Lab.RunAsync($"grep -q rebuiltAt /var/lib/cnid/networks/{id}.json")).Status == 0);

    private Task ListedAsync(string id) =>
        Lab.EventuallyAsync("the engine lists it", async () =>
            (await Lab.RunAsync($"grep -q '\"engine\": {{' /var/lib/cnid/networks/{id}.json")).Status == 0);

    private async Task<string> StoredAsync(string folder)
    {
        var files = await Lab.OkAsync($"cd /var/lib/cnid/{folder} 2> /dev/null && for f in $(ls); do [ -e $f ] && python3 -c 'import "
            + "json,sys; print(json.dumps(json.load(open(sys.argv[1]))))' $f; done; true");
        return string.Join('\n', files.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(file => Settled(JsonNode.Parse(file)!.AsObject())));
    }

    private static string Settled(JsonObject stored)
    {
        foreach (var key in Changing.Append("askedAt"))
            stored.Remove(key);
        return stored.ToJsonString();
    }
}
