using System.Text.Json.Nodes;
using EndToEnd.Host;

namespace EndToEnd;

/// <summary><c>cnid doctor</c>: what is broken is found, and the command it prints mends it.</summary>
public sealed class DoctorTests(Lab lab) : LabTest(lab)
{
    private const string Pods =
        """{"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge","bridge":"pods0","ipam":"""
            + """{"type":"host-local","subnet":"10.77.0.0/24"}},{"type":"firewall"}]}""";

    // The mending commands say "cnid", as it is installed.
    private static readonly string Path = $"PATH={System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Host.Lab.Cnid))}:$PATH";

    [Fact]
    public async Task Doctor_OfASoundHost_FindsNothingAmiss()
    {
        await Lab.DockerAsync("network create -d cni web");
        await Host.Lab.EventuallyAsync("cnid is ready", async () => (await Lab.RunAsync($"{Host.Lab.Cnid} health --ready")).Status == 0);
        await Lab.DockerAsync("run -d --network web lab sleep 600");

        var shown = await Lab.OkAsync($"{Host.Lab.Cnid} doctor");

        Assert.EndsWith(" ok, 0 warn, 0 fail", shown, StringComparison.Ordinal);
        Assert.Contains($"Docker {await Lab.DockerAsync("version -f '{{.Server.Version}}'")} at unix:///var/run/docker.sock", shown,
            StringComparison.Ordinal);
        Assert.Contains(Lab.Engine.Major >= 28 ? "namespace before its networks" : "namespace after its networks",
            (string)(await FindAsync("engine", "namespace"))!["found"]!, StringComparison.Ordinal);
        Assert.All((await Lab.OkAsync($"{Host.Lab.Cnid} doctor | cat")).Split('\n'), line => Assert.True(line.Length <= 80, line));
        foreach (var check in new[] { "engine", "sockets", "kernel", "nftables", "iptables", "forward", "rules", "bridge-nf", "forwarding",
            "plugins", "lists", "networks", "attachments", "strays", "state" })
            Assert.NotNull(await FindAsync(check, ""));
    }

    [Theory]
    [InlineData("chmod 666 /run/docker/plugins/cni.sock", "sockets", "/run/docker/plugins/cni.sock has the mode 666")]
    [InlineData("chmod 755 /run/cnid/admin.sock", "sockets", "/run/cnid/admin.sock has the mode 755")]
    [InlineData("sysctl -w net.ipv4.ip_forward=0", "forwarding", "net.ipv4.ip_forward is off")]
    [InlineData("cp /usr/lib/cni/tuning /opt/cni/bin/mine; chmod -x /opt/cni/bin/mine; echo "
        + "'{\"cniVersion\":\"1.0.0\",\"name\":\"pods\",\"plugins\":[{\"type\":\"mine\"}]}' > /etc/cni/net.d/pods.conflist", "plugins",
            "/opt/cni/bin/mine is not executable")]
    [InlineData("chmod o+w /opt/cni/bin", "plugins", "/opt/cni/bin can be changed by others")]
    public async Task Fault_FailsTheDoctor_AndItsCommandMendsIt(string harm, string check, string words)
    {
        await Lab.OkAsync(harm);
        Assert.Equal(1, (await Lab.RunAsync($"{Host.Lab.Cnid} doctor")).Status);
        await IsFixedAsync(check, words, "fail");
    }

    [Theory]
    [InlineData("printf '#!/bin/sh\\nexit 1\\n' > /opt/cni/bin/nothing; chmod +x /opt/cni/bin/nothing", "plugins",
        "/opt/cni/bin/nothing gives no answer to VERSION")]
    [InlineData("echo nonsense > /etc/cni/net.d/odd.conflist", "lists", "/etc/cni/net.d/odd.conflist: line 1: not valid JSON")]
    [InlineData("ip link add cni0123456789ab type veth peer name stray", "strays", "the interface cni0123456789ab belongs to no endpoint")]
    [InlineData("mkdir -p /run/cnid/netns; ip netns add stray; touch /run/cnid/netns/stray; mount --bind /run/netns/stray "
        + "/run/cnid/netns/stray; ip netns delete stray", "strays", "/run/cnid/netns/stray belongs to no endpoint")]
    [InlineData("echo x > /var/lib/cnid/networks/a.json.corrupt", "state", "/var/lib/cnid/networks/a.json.corrupt could not be read")]
    public async Task Blemish_IsAWarning_AndItsCommandMendsIt(string harm, string check, string words)
    {
        await Lab.OkAsync(harm);
        Assert.Equal(1, (await Lab.RunAsync($"{Host.Lab.Cnid} doctor --strict")).Status);
        await IsFixedAsync(check, words, "warn");
    }

    [Fact]
    public async Task AttachmentWhoseNamespaceIsGone_IsFound_AndReleased_ThoughItsListIsGoneToo()
    {
        await Lab.OkAsync($"echo '{Pods}' > /etc/cni/net.d/pods.conflist; ip netns add by-hand; {Host.Lab.Cnid} add pods "
            + "/run/netns/by-hand; ip netns delete by-hand; rm /etc/cni/net.d/pods.conflist");
        Assert.Null(await FindAsync("attachments", "belongs to no container")); // it has just been made
        await Lab.OkAsync(
            "sed -i 's/\"createdAt\": *\"[^\"]*\"/\"createdAt\":\"2020-01-01T00:00:00+00:00\"/' /var/lib/cnid/attachments/*.json");

        await IsFixedAsync("attachments", "its namespace /run/netns/by-hand is gone", "warn");
        Assert.Equal("[]", await Lab.OkAsync($"{Host.Lab.Cnid} attachments --json"));
        await Lab.OkAsync("ip link delete pods0; rm -rf /var/lib/cni/networks/pods");
    }

    [Fact]
    public async Task Release_OfWhatHasAnOwner_IsRefused()
    {
        await Lab.DockerAsync("network create -d cni web");
        await Lab.DockerAsync("run -d --name one --network web lab sleep 600");
        var endpoint = await Lab.DockerAsync("inspect -f '{{.NetworkSettings.Networks.web.EndpointID}}' one");

        Assert.Contains("is an endpoint, which", await Lab.FailsAsync($"{Host.Lab.Cnid} release {endpoint}"),
            StringComparison.Ordinal);
        Assert.Contains("nobody has no attachment", await Lab.FailsAsync($"{Host.Lab.Cnid} release nobody"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DaemonDown_AndItsRulesGone_IsFound_AndItsStartMendsBoth()
    {
        await Lab.DockerAsync("network create -d cni web");
        await Lab.StopCnidAsync("KILL");
        await Lab.OkAsync("nft delete table inet cnid");
        Assert.NotNull(await FindAsync("rules", "rules are missing in inet cnid: there is no table inet cnid"));

        await IsFixedAsync("sockets", "nobody answers on /run/docker/plugins/cni.sock", "fail");
        Assert.Null(await FindAsync("rules", "missing"));
        await Lab.RestartCnidAsync();
    }

    [Fact]
    public async Task A6_ContainersKeptApart_WhereFramesPassNoFirewall_AreNoFault()
    {
        Assert.SkipUnless((await Lab.RunAsync("test -w /proc/sys/net/bridge/bridge-nf-call-iptables")).Status == 0,
            "this kernel has no br_netfilter");
        var before = await Lab.OkAsync("cat /proc/sys/net/bridge/bridge-nf-call-iptables");
        await Lab.DockerAsync("network create -d cni -o com.docker.network.bridge.enable_icc=false apart");
        await Lab.OkAsync("sysctl -qw net.bridge.bridge-nf-call-iptables=0");

        Assert.Equal("ok", (string)(await FindAsync("bridge-nf", "bridge-nf-call-iptables"))!["state"]!);
        await Lab.OkAsync($"sysctl -qw net.bridge.bridge-nf-call-iptables={before}");
    }

    private async Task IsFixedAsync(string check, string words, string state)
    {
        var finding = await FindAsync(check, words);
        Assert.True(finding is not null, $"not found: {words}\n{(await Lab.RunAsync($"{Host.Lab.Cnid} doctor")).Text}");
        Assert.Equal(state, (string)finding["state"]!);
        Assert.NotEqual("", (string)finding["why"]!);

        await Lab.OkAsync($"{Path}; {finding["mend"]}");
        await Host.Lab.EventuallyAsync($"no longer: {words}", async () => await FindAsync(check, words) is null);
    }

    private async Task<JsonNode?> FindAsync(string check, string words) =>
        JsonNode.Parse((await Lab.RunAsync($"{Host.Lab.Cnid} doctor --json")).Output)!.AsArray()
            .FirstOrDefault(finding =>
                (string)finding!["check"]! == check && ((string)finding["found"]!).Contains(words, StringComparison.Ordinal));
}
