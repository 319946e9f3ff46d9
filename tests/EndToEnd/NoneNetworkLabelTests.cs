using EndToEnd.Host;

namespace EndToEnd;

public sealed class NoneNetworkLabelTests(Lab lab) : NoneNetworkTest(lab)
{
    [Theory]
    [InlineData("--label cni.networks=nowhere", "label cni.networks: no network list named nowhere in /etc/cni/net.d: there are pods")]
    [InlineData("--label cni.networks=pods --label 'cni.pods.capability.ips=[oops'", "label cni.pods.capability.ips: it is not JSON")]
    [InlineData("--label cni.networks=pods --label 'cni.pods.capability.bandwidth={}'",
        "label cni.pods.capability.bandwidth: no plugin of the list pods has it")]
    [InlineData("--label cni.networks=pods,other@eth0",
        "label cni.networks: pods and other would both be eth0; rename one of them: other@eth2")]
    [InlineData("--label cni.networks=pods,pods@eth1", "label cni.networks: pods is named twice")]
    [InlineData("--label cni.networks=pods --label cni.ports=80808:80", "label cni.ports: '80808:80' is not")]
    [InlineData("--label cni.networks=pods --label cni.ports=8080:80", "label cni.ports: no plugin of pods publishes ports")]
    [InlineData("--label cni.networks=pods --label cni.pod.mac=02:00:00:00:00:01",
        "label cni.pod.mac: it names none of the container's networks (pods)")]
    [InlineData("--label cni.networks=pods --label cni.pods.ips=10.77.0.9", "network pods with label cni.pods.ips=10.77.0.9: plugin "
        + "bridge of the list pods: failed to allocate for range 0: requested IP address 10.77.0.9 is not available in range set "
            + "10.77.0.1-10.77.0.254; if the address is in use, request another or remove the label")]
    [InlineData("--label cni.networks=pods --label cni.pods.ips=10.77.0.9", "network pods with label cni.pods.ips=10.77.0.9: plugin "
        + "bridge of the list pods: failed to allocate for range 0: requested IP address 10.77.0.9 is not available in range set "
            + "10.77.0.1-10.77.0.254; if the address is in use, request another or remove the label", "CNID_BUILTIN=always")]
    public async Task WrongLabel_IsNamed_AndTheContainerIsStoppedOrKept(string labels, string words, string environment = "")
    {
        await Lab.RestartCnidAsync(environment);
        await ListAsync("pods", Bridge);
        await RunAsync("holder", "--label cni.networks=pods --label cni.pods.ips=10.77.0.9/24");
        await Lab.DockerAsync($"run -d --name stops --network none {labels} lab sleep 600");
        await Lab.DockerAsync($"run -d --name keeps --network none {labels} --label cni.on-failure=keep lab sleep 600");

        await Lab.EventuallyAsync("one is stopped", async () => await Lab.DockerAsync("inspect -f '{{.State.Running}}' stops") == "false");
        await Lab.EventuallyAsync("both have failed", async () =>
            await PhaseAsync("stops") == "failed" && await PhaseAsync("keeps") == "failed");
        Assert.Equal("true", await Lab.DockerAsync("inspect -f '{{.State.Running}}' keeps"));
        Assert.DoesNotContain("eth0", await InAsync("keeps", "ip link"), StringComparison.Ordinal);
        Assert.Contains(words, await Lab.OkAsync($"{Lab.Cnid} attachments"), StringComparison.Ordinal);
        Assert.Contains(words, Lab.CnidLog, StringComparison.Ordinal);

        await Lab.DockerAsync("rm -f holder stops keeps");
        await GoneAsync("holder");
        await RemoveBridgeAsync();
        await Lab.RestartCnidAsync();
    }

    [Theory]
    [InlineData("static", "CNID_BUILTIN=off")]
    [InlineData("static", "CNID_BUILTIN=always")]
    [InlineData("host-local\",\"subnet\":\"10.77.0.0/24", "CNID_BUILTIN=off")]
    public async Task Ips_InAListWithoutTheCapability_AreAskedForByArgument(string ipam, string environment)
    {
        await Lab.RestartCnidAsync(environment);
        await ListAsync("pods", $$"""{"type":"bridge","ipam":{"type":"{{ipam}}"},"bridge":"pods0"}""");
        await RunAsync("one", "--label cni.networks=pods --label cni.pods.ips=10.77.0.9/24");
        Assert.Equal("10.77.0.9", await AddressAsync("one"));
        await Lab.DockerAsync("rm -f one");
        await GoneAsync("one");
        await RemoveBridgeAsync();
        await Lab.RestartCnidAsync();
    }

    [Fact]
    public async Task SecondNetworkFails_TheFirstIsUndone_AndAnotherStartSucceeds()
    {
        await CounterAsync();
        await ListAsync("pods", Bridge + """,{"type":"counter"}""");
        await ListAsync("broken", """{"type":"refuses"}""");
        await Lab.OkAsync("""
            cat > /opt/cni/bin/refuses <<'E'
            #!/bin/sh
            [ $CNI_COMMAND = DEL ] || { echo '{"code":100,"msg":"the switch is on fire"}'; exit 1; }
            E
            chmod +x /opt/cni/bin/refuses
            """);
        var id = await Lab.DockerAsync("run -d --name one --network none --label cni.networks=pods,broken lab sleep 600");
        await Lab.EventuallyAsync("it is stopped", async () =>
            await PhaseAsync("one") == "failed" && await Lab.DockerAsync("inspect -f '{{.State.Running}}' one") == "false");
        Assert.Equal(["ADD with", "DEL with"], await CountedAsync(id));
        Assert.Contains("the switch is on fire", await Lab.OkAsync($"{Lab.Cnid} attachments"), StringComparison.Ordinal);

        await ListAsync("broken", """{"type":"bridge","bridge":"pods0","ipam":{"type":"host-local","subnet":"10.78.0.0/24"}}""");
        await Lab.DockerAsync("start one");
        await AttachedAsync("one");
        Assert.Equal(3, (await CountedAsync(id)).Length);
        await Lab.DockerAsync("rm -f one");
        await GoneAsync("one");
        Assert.Equal(["ADD with", "DEL with", "ADD with", "DEL with"], await CountedAsync(id));
        await RemoveBridgeAsync();
        await Lab.OkAsync("rm -f /run/counted");
    }
}
