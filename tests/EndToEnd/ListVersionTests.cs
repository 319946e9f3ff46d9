using EndToEnd.Host;

namespace EndToEnd;

/// <summary>Lists of every version of the spec, as <c>.conflist</c> and as <c>.conf</c>: through Docker, and by hand.</summary>
public sealed class ListVersionTests(Lab lab) : LabTest(lab)
{
    private const string Ipam = "\"ipam\":{\"type\":\"host-local\",\"subnet\":\"10.79.0.0/24\"}";
    private const string Bridge = "\"type\":\"bridge\",\"bridge\":\"every0\",\"isGateway\":true," + Ipam;
    private const string Straw = "\"type\":\"straw\",\"gateway\":\"10.79.0.1/24\"," + Ipam;

    private static readonly string[] Versions = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"];
    private static readonly string[] Forms = ["conflist", "conf"];

    public static IEnumerable<TheoryDataRow<string, string>> Every =>
        from version in Versions
        from form in Forms
        select new TheoryDataRow<string, string>(version, form);

    [Theory]
    [MemberData(nameof(Every))]
    public async Task ReferencePlugin_EachVersionItSpeaks_AttachesAContainer(string version, string form)
    {
        await ListAsync(version, form, Bridge);
        if ((await Lab.OkAsync("CNI_COMMAND=VERSION /usr/lib/cni/bridge < /dev/null")).Contains($"\"{version}\"", StringComparison.Ordinal))
            await AttachesAsync();
        else
            Assert.Contains($"plugin bridge does not speak version {version}",
                await Lab.FailsAsync("docker network create -d cni -o cni.network=every --ipam-driver null every"),
                StringComparison.Ordinal);
        await Lab.RunAsync("docker network rm every; ip link delete every0; rm -rf /var/lib/cni/networks/every");
    }

    [Theory]
    [MemberData(nameof(Every))]
    public async Task PluginOfAThirdParty_EachVersion_AttachesAContainer(string version, string form)
    {
        if (!(await Lab.OkAsync("CNI_COMMAND=VERSION /usr/lib/cni/host-local < /dev/null"))
            .Contains($"\"{version}\"", StringComparison.Ordinal))
            await NewerHostLocalAsync();
        await Lab.OkAsync($"cp {AppContext.BaseDirectory}Scripted/straw /opt/cni/bin/");
        await ListAsync(version, form, Straw);
        await AttachesAsync();
        await Lab.OkAsync("docker network rm every; rm -rf /var/lib/cni/networks/every");
    }

    [Theory]
    [Trait("Engine", "none")]
    [MemberData(nameof(Every))]
    public async Task BuiltIn_EachVersion_AttachesANamespaceByHand(string version, string form)
    {
        await ListAsync(version, form, Bridge);
        await Lab.OkAsync("ip netns add by-hand");
        var shown = await Lab.OkAsync($"export CNID_BUILTIN=always; {Lab.Cnid} add every /run/netns/by-hand && ip netns exec by-hand "
            + $"busybox ping -c1 -W3 10.79.0.1 && {Lab.Cnid} del every /run/netns/by-hand && {Lab.Cnid} gc every");
        Assert.Contains($"\"cniVersion\": \"{version}\"", shown, StringComparison.Ordinal);
        Assert.Contains(version is "0.1.0" or "0.2.0" ? "\"ip4\"" : "\"ips\"", shown, StringComparison.Ordinal);
        await Lab.OkAsync("ip netns delete by-hand; rm -rf /var/lib/cni/networks/every");
    }

    // Plugins 1.1 know nothing of CNI 1.1.0, which has nothing new for an IPAM.
    private Task<string> NewerHostLocalAsync() => Lab.OkAsync("""
        printf '#!/bin/sh\nsed s/1.1.0/1.0.0/ | /usr/lib/cni/host-local | sed s/1.0.0/1.1.0/\n' > /opt/cni/bin/host-local &&
            chmod +x /opt/cni/bin/host-local
        """);

    private async Task AttachesAsync()
    {
        await Lab.DockerAsync("network create -d cni -o cni.network=every --ipam-driver null every");
        await Lab.DockerAsync("run -d --name one --network every lab sleep 600");
        var address = await Lab.DockerAsync("inspect -f '{{.NetworkSettings.Networks.every.IPAddress}}' one");
        Assert.StartsWith("10.79.0.", address, StringComparison.Ordinal);
        Assert.Contains(address + "/24", await Lab.DockerAsync("exec one sh -c 'ip address; ping -c1 -W3 10.79.0.1'"),
            StringComparison.Ordinal);
        await Lab.DockerAsync("rm -f one");
        Assert.Equal("", await Lab.OkAsync(
            "ls /var/lib/cni/networks/every | grep -v -e lock -e last_reserved; ip -o link | grep straw; exit 0"));
    }

    private Task<string> ListAsync(string version, string form, string plugin) => Lab.OkAsync(form == "conf"
        ? $"echo '{{\"cniVersion\":\"{version}\",\"name\":\"every\",{plugin}}}' > /etc/cni/net.d/every.conf"
        : $"echo '{{\"cniVersion\":\"{version}\",\"name\":\"every\",\"plugins\":[{{{plugin}}}]}}' > /etc/cni/net.d/every.conflist");
}
