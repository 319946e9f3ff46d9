using EndToEnd.Host;

namespace EndToEnd;

/// <summary>
/// A7: what works under containerd works under Docker, whose policy in FORWARD is DROP unless its back end is nftables. The plainest list
/// there is, through both doors, by the reference executables and by the built-ins.
/// </summary>
public sealed class AdmissionTests(Lab lab) : LabTest(lab)
{
    private const string Plain =
        """
        {"cniVersion":"1.0.0","name":"plain","plugins":[
          {"type":"bridge","bridge":"plain0","isGateway":true,"ipMasq":true,"ipam":{"type":"host-local","subnet":"10.71.0.0/24",
           "routes":[{"dst":"0.0.0.0/0"}]}}
          MORE]}
        """;

    private const string PortMap = """, {"type":"portmap","capabilities":{"portMappings":true}}""";

    private bool isChanged;

    [Theory]
    [InlineData("")]
    [InlineData("CNID_BUILTIN=always")]
    public async Task A7_PlainestList_ByTheNetworkDriver_ReachesEachOtherAndTheOutside(string settings)
    {
        await PrepareAsync(settings);
        await Lab.DockerAsync("network create -d cni -o cni.network=plain --ipam-driver null plain");
        await Lab.DockerAsync("run -d --name server --network plain lab httpd -f -h /www");

        await Lab.DockerAsync($"run --rm --network plain lab ping -c1 -W3 {await AddressAsync("server")}");
        await Lab.DockerAsync("exec server ping -c1 -W3 203.0.113.2");
        await ForwardDropsAsync();
        await RemoveAsync("network rm plain");
    }

    [Theory]
    [InlineData("")]
    [InlineData("CNID_BUILTIN=always")]
    public async Task A7_PlainestList_ByTheLabel_ReachesEachOtherAndTheOutside(string settings)
    {
        await PrepareAsync(settings);
        await Lab.DockerAsync("run -d --name server --network none --label cni.networks=plain lab httpd -f -h /www");
        await Lab.DockerAsync("run -d --name client --network none --label cni.networks=plain lab sleep 600");

        await EventuallyAsync("docker exec client ifconfig eth0 | grep 'inet addr'"); // a label is heard of after the start
        await EventuallyAsync("docker exec server ifconfig eth0 | grep 'inet addr'");
        // its address is there before it is admitted
        await EventuallyAsync($"docker exec client ping -c1 -W3 {await AddressAsync("server")}");
        await Lab.DockerAsync("exec server ping -c1 -W3 203.0.113.2");
        await ForwardDropsAsync();
        await RemoveAsync("rm -f client");
    }

    [Theory]
    [InlineData("")]
    [InlineData("CNID_BUILTIN=always")]
    public async Task A7_PublishedPort_OfAListWithoutFirewall_AnswersOtherHosts_AndOnlyThat(string settings)
    {
        await PrepareAsync(settings, PortMap);
        await Lab.DockerAsync("network create -d cni -o cni.network=plain --ipam-driver null plain");
        await Lab.DockerAsync("run -d --name server --network plain -p 8080:80 lab httpd -f -h /www");
        var address = await AddressAsync("server");

        Assert.Contains("hello", (await Lab.InternetAsync("curl -s -m3 http://203.0.113.1:8080/")).Output, StringComparison.Ordinal);
        await Lab.OkAsync($"ip -n internet route add {address}/32 via 203.0.113.1");
        var past = await Lab.InternetAsync($"curl -s -m2 http://{address}/");
        await Lab.OkAsync($"ip -n internet route del {address}/32");
        Assert.Equal(Lab.Engine.ClosesForward, past.Status != 0);
        await RemoveAsync("network rm plain");
    }

    [Theory]
    [InlineData("")]
    [InlineData("CNID_BUILTIN=always")]
    public async Task A7_DockersNetworksAndOurs_StayApart_BothWays(string settings)
    {
        await PrepareAsync(settings, PortMap);
        await Lab.DockerAsync("network create -d cni -o cni.network=plain --ipam-driver null plain");
        await Lab.DockerAsync("network create theirs");
        await Lab.DockerAsync("run -d --name server --network plain -p 8080:80 lab httpd -f -h /www");
        await Lab.DockerAsync("run -d --name other --network theirs lab httpd -f -h /www");
        var (ours, theirs) = (await AddressAsync("server"), await AddressAsync("other", "theirs"));

        Assert.DoesNotContain("hello", await GetAsync("server", theirs, 80), StringComparison.Ordinal);
        Assert.DoesNotContain("hello", await GetAsync("other", ours, 80), StringComparison.Ordinal);
        Assert.Contains("hello", await GetAsync("other", "203.0.113.1", 8080), StringComparison.Ordinal);
        await RemoveAsync("rm -f other; docker network rm plain theirs");
    }

    [Fact]
    public async Task A7_DropsOfAListsOwnPolicyPlugin_Win()
    {
        await PrepareAsync("", """, {"type":"firewall","ingressPolicy":"same-bridge"}""");
        await Lab.OkAsync("sed 's/plain/other/g; s/10.71/10.72/' /etc/cni/net.d/plain.conflist > /etc/cni/net.d/other.conflist");
        foreach (var name in (string[])["plain", "other"])
        {
            await Lab.DockerAsync($"network create -d cni -o cni.network={name} --ipam-driver null {name}");
            await Lab.DockerAsync($"run -d --name {name} --network {name} lab httpd -f -h /www");
        }

        Assert.DoesNotContain("hello", await GetAsync("plain", await AddressAsync("other", "other"), 80), StringComparison.Ordinal);
        await Lab.DockerAsync("exec plain ping -c1 -W3 203.0.113.2");
        await Lab.OkAsync("docker rm -f plain other; docker network rm plain other; ip link delete plain0; ip link delete other0; rm -rf "
            + "/var/lib/cni/networks/{plain,other}");
        // The reference leaves these chains for ever.
        await Lab.OkAsync("""
            for iptables in iptables ip6tables; do
                $iptables -S FORWARD | grep CNI-ISOLATION | sed "s/^-A/$iptables -D/" | bash
                for chain in CNI-ISOLATION-STAGE-1 CNI-ISOLATION-STAGE-2; do $iptables -F $chain; done
                for chain in CNI-ISOLATION-STAGE-1 CNI-ISOLATION-STAGE-2; do $iptables -X $chain; done
            done 2> /dev/null; true
            """);
    }

    [Fact]
    public async Task A7_SettingOff_AdmitsNothing_AndWhatWasAdmittedGoesWithItsDel()
    {
        await PrepareAsync("");
        await Lab.DockerAsync("network create -d cni -o cni.network=plain --ipam-driver null plain");
        await Lab.DockerAsync("run -d --name server --network plain lab httpd -f -h /www");
        await Lab.RestartCnidAsync("CNID_ADMIT=off");
        isChanged = true;
        await Lab.DockerAsync("rm -f server");
        Assert.DoesNotContain("plain0", await Lab.OkAsync("iptables -S; nft list ruleset inet"), StringComparison.Ordinal);

        await Lab.DockerAsync("run -d --name server --network plain lab httpd -f -h /www");
        Assert.Equal(Lab.Engine.ClosesForward, (await Lab.RunAsync("docker exec server ping -c1 -W2 203.0.113.2")).Status != 0);
        await RemoveAsync("network rm plain");
    }

    [Fact]
    public async Task A7_LinkToTheLan_IsNotOpened_WhereAContainerStandsOnItsBridge()
    {
        // A bridge over which the host itself reaches the world.
        await Lab.OkAsync("ip link add lan0 type bridge; ip link set lan0 up; ip address add 10.71.0.1/24 dev lan0; ip route add "
            + "198.51.100.0/24 via 10.71.0.9");
        await PrepareAsync("");
        await Lab.OkAsync("sed -i 's/plain0/lan0/' /etc/cni/net.d/plain.conflist");
        await Lab.DockerAsync("network create -d cni -o cni.network=plain --ipam-driver null plain");
        await Lab.DockerAsync("run -d --name server --network plain lab httpd -f -h /www");

        await Lab.DockerAsync("exec server ping -c1 -W3 203.0.113.2");
        await Lab.DockerAsync($"run --rm --network plain lab ping -c1 -W3 {await AddressAsync("server")}");
        var rules = await Lab.OkAsync("iptables -S CNID-CNI");
        Assert.Contains("-A CNID-CNI -i lan0 -o lan0 -j ACCEPT", rules, StringComparison.Ordinal);
        Assert.DoesNotContain("-i lan0 -j ACCEPT", rules, StringComparison.Ordinal);
        await Lab.OkAsync(
            "docker rm -f server; docker network rm plain; rm -rf /var/lib/cni/networks/plain; ip link delete lan0 2> /dev/null; true");
    }

    private async Task PrepareAsync(string settings, string more = "")
    {
        await Lab.OkAsync("test $(cat /proc/sys/net/bridge/bridge-nf-call-iptables) = 1");
        await Lab.OkAsync($"cat > /etc/cni/net.d/plain.conflist <<'E'\n{Plain.Replace("MORE", more, StringComparison.Ordinal)}\nE");
        if (isChanged = settings.Length > 0)
            await Lab.RestartCnidAsync(settings);
    }

    private async Task<string> GetAsync(string container, string address, int port) =>
        (await Lab.RunAsync($"docker exec {container} sh -c 'printf \"GET / HTTP/1.0\\r\\n\\r\\n\" | nc -w2 {address} {port}'")).Output;

    private async Task ForwardDropsAsync() =>
        Assert.Equal(Lab.Engine.ClosesForward, (await Lab.RunAsync("iptables -S FORWARD | grep -q -e '-P FORWARD DROP'")).Status == 0);

    private async Task<string> AddressAsync(string container, string network = "plain")
    {
        var told =
            await Lab.DockerAsync(
                $"inspect -f '{{{{with index .NetworkSettings.Networks \"{network}\"}}}}{{{{.IPAddress}}}}{{{{end}}}}' {container}");
        return told.Length > 0
            ? told
            : await Lab.OkAsync($"docker exec {container} ifconfig eth0 | sed -n 's/.*inet addr:\\([0-9.]*\\) .*/\\1/p'");
    }

    private static Task EventuallyAsync(Lab lab, string command) =>
        Lab.EventuallyAsync(command, async () => (await lab.RunAsync(command)).Status == 0);

    private Task EventuallyAsync(string command) => EventuallyAsync(Lab, command);

    private Task<string> RemoveAsync(string command) =>
        Lab.OkAsync($"docker rm -f server; docker {command}; rm -rf /var/lib/cni/networks/plain; ip link delete plain0 2> /dev/null; true");

    protected override Task ClearAsync() => isChanged ? Lab.RestartCnidAsync() : Task.CompletedTask;
}
