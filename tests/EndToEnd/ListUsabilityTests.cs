using System.Text.Json.Nodes;
using EndToEnd.Host;

namespace EndToEnd;

/// <summary><c>cnid networks</c>: which lists there are, whether they are usable, and what was made of them.</summary>
public sealed class ListUsabilityTests(Lab lab) : LabTest(lab)
{
    [Theory]
    [InlineData("""{"cniVersion":"1.0.0","name":"odd","plugins":[{"type":"nowhere"}]}""",
        "the plugin nowhere is not in /opt/cni/bin, /usr/lib/cni, /usr/libexec/cni")]
    [InlineData("""{"cniVersion":"1.0.0","name":"odd","plugins":[{"type":"bridge","ipam":{"type":"nowhere"}}]}""",
        "the IPAM plugin nowhere is not in")]
    [InlineData("""{"cniVersion":"1.0.0","name":"odd","plugins":[{"type":"bridge","ipam":{"type":"host-local"}}]}""",
        "the IPAM of bridge (host-local) cannot be used: no IP ranges")]
    [InlineData("""{"cniVersion":"1.0.0","name":"odd","plugins":[{"type":"bridge","ipam":{"type":"host-local","subnet":"10.1.2.3/24"}}]}""",
        "Network has host bits set")]
    [InlineData(
        """{"cniVersion":"1.0.0","name":"odd","plugins":[{"type":"bridge","ipam":{"type":"static","addresses":["""
            + """{"address":"10.1.2.3"}]}}]}""", "line 1: plugins[0].ipam.addresses[0].address is wrong: \"10.1.2.3\" is not an address "
            + "with a prefix length")]
    [InlineData(
        """{"cniVersion":"0.2.0","name":"odd","plugins":[{"type":"bridge","ipam":{"type":"static","addresses":["""
            + """{"address":"10.1.2.3/24"},{"address":"10.1.2.4/24"}]}}]}""", "the IPAM of bridge (static) cannot be used")]
    [InlineData("""{"cniVersion":"1.0.0","name":"odd","plugins":[{"type":"macvlan","master":"eth77","ipam":{"type":"dhcp"}}]}""",
        "macvlan needs the master \"eth77\", and this host has no such interface")]
    [InlineData("""{"cniVersion":"1.0.0","name":"odd","plugins":[{"type":"firewall"},{"type":"old"}]}""",
        "plugin old does not speak version 1.0.0")]
    [InlineData("""{"cniVersion":"9.9.9","name":"odd","plugins":[{"type":"bridge"}]}""", "cniVersion 9.9.9 is not supported")]
    [InlineData("""{"cniVersion":"1.0.0","name":"../odd","plugins":[{"type":"bridge"}]}""", "network name")]
    [InlineData("{\n \"name\": nonsense", "line 2: not valid JSON")]
    public async Task List_ThatCannotBeUsed_SaysWhy(string list, string words)
    {
        await Lab.OkAsync($$"""
            printf '#!/bin/sh\necho \047{"cniVersion":"0.4.0","supportedVersions":["0.3.1",
             "0.4.0"]}\047\n' > /opt/cni/bin/old && chmod +x /opt/cni/bin/old
            cat > /etc/cni/net.d/odd.conflist <<'E'
            {{list}}
            E
            """);

        var shown = await Lab.OkAsync($"{Lab.Cnid} networks");
        Assert.Contains("not usable", shown, StringComparison.Ordinal);
        Assert.Contains(words, shown, StringComparison.Ordinal);

        var item = Assert.Single(JsonNode.Parse(await Lab.OkAsync($"{Lab.Cnid} networks --json"))!.AsArray())!;
        Assert.False((bool)item["usable"]!);
        Assert.Contains(item["faults"]!.AsArray(), fault => ((string)fault!).Contains(words, StringComparison.Ordinal));
        if (item["cniVersion"] is not null)
            Assert.Contains(words, await Lab.FailsAsync($"{Lab.Cnid} network import odd"), StringComparison.Ordinal);
        Assert.Equal("", await Lab.DockerAsync("network ls -q -f driver=cni"));
    }

    [Fact]
    [Trait("Engine", "none")]
    public async Task A_KeyGivenTwice_IsReportedByFile_AndBreaksNoListing()
    {
        await PodsAsync("10.77.0.0/24");
        await Lab.OkAsync(
            """echo '{"cniVersion":"1.0.0","name":"dup","plugins":[{"type":"bridge","bridge":"a","bridge":"b","ipam":"""
                + """{"type":"host-local","subnet":"10.99.0.0/24"}}]}' > /etc/cni/net.d/dup.conflist""");
        const string words = "the key \"bridge\" is given twice: keep one of them";

        var networks = await Lab.OkAsync($"{Lab.Cnid} networks");
        Assert.Contains(words, networks, StringComparison.Ordinal);
        Assert.Contains("pods ", networks, StringComparison.Ordinal);
        var findings = JsonNode.Parse((await Lab.RunAsync($"{Lab.Cnid} doctor --json")).Output)!.AsArray();
        Assert.Contains(findings, finding => (string?)finding!["found"] == $"/etc/cni/net.d/dup.conflist: line 1: {words}");
        Assert.Equal($"cnid: /etc/cni/net.d/dup.conflist:1: {words}",
            await Lab.FailsAsync($"{Lab.Cnid} validate /etc/cni/net.d/dup.conflist"));
        Assert.StartsWith("docker network create", await Lab.OkAsync($"{Lab.Cnid} network import pods --dry-run"),
            StringComparison.Ordinal);
        Assert.Contains(words, await Lab.FailsAsync($"{Lab.Cnid} network import dup"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_WithDockerNetworks_NamesThem_AndThoseItHasChangedSince()
    {
        await PodsAsync("10.77.0.0/24");
        await Lab.DockerAsync("network create -d cni --ipam-driver null -o cni.network=pods first");
        await PodsAsync("10.77.0.0/25");
        await Lab.DockerAsync("network create -d cni --ipam-driver null -o cni.network=pods second");

        var shown = await Lab.OkAsync($"{Lab.Cnid} networks");
        Assert.Contains("first, second", shown, StringComparison.Ordinal);
        Assert.Contains("first keeps the list as of its creation", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("second keeps", shown, StringComparison.Ordinal);

        var item = Assert.Single(JsonNode.Parse(await Lab.OkAsync($"{Lab.Cnid} networks --json"))!.AsArray())!;
        Assert.Equal(["first False", "second True"],
            item["dockerNetworks"]!.AsArray().Select(network => $"{network!["name"]} {(bool)network["hasListAsItIs"]!}"));
        Assert.Contains("10.77.0.0/24", await Lab.OkAsync($"{Lab.Cnid} inspect first"), StringComparison.Ordinal);

        await Lab.OkAsync("rm /etc/cni/net.d/pods.conflist");
        Assert.Contains("stored", await Lab.OkAsync($"{Lab.Cnid} networks"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Networks_EngineDoesNotAnswer_AreListedByTheirIds()
    {
        var id = await Lab.DockerAsync("network create -d cni web");
        var listed = await Lab.RunAsync($"{Lab.Cnid} networks --docker-host unix:///run/nobody.sock");

        Assert.Equal(0, listed.Status);
        Assert.Contains(id[..12], listed.Output, StringComparison.Ordinal);
        Assert.Contains("cnid: without Docker's names: unix:///run/nobody.sock", listed.Errors, StringComparison.Ordinal);
    }

    private Task<string> PodsAsync(string subnet) => Lab.OkAsync(
        $$$"""echo '{"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge","bridge":"pods0","ipam":"""
            + $$$"""{"type":"host-local","subnet":"{{{subnet}}}"}}]}' > /etc/cni/net.d/pods.conflist""");
}
