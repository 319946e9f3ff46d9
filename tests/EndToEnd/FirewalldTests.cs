using EndToEnd.Host;

namespace EndToEnd;

/// <summary>A host that firewalld rules, in a lab of its own: firewalld stays when a test has ended.</summary>
public sealed class FirewalldTests(Lab lab) : LabTest(lab), IClassFixture<Lab>
{
    private const string Start = "firewalld --nofork --nopid > /run/firewalld.log 2>&1 < /dev/null & for i in $(seq 300); do "
        + "firewall-cmd --state > /dev/null 2>&1 && exit 0; sleep 0.1; done; exit 1";
    private const string Pods = """
        {"cniVersion":"1.0.0","name":"pods","plugins":[
          {"type":"bridge","bridge":"pods0","isGateway":true,"ipMasq":true,"ipam":{"type":"host-local","subnet":"10.44.0.0/24",
           "routes":[{"dst":"0.0.0.0/0"}]}},
          {"type":"portmap","capabilities":{"portMappings":true}},{"type":"firewall"}]}
        """;

    [Theory]
    [InlineData("generated")]
    [InlineData("list with the built-in firewall")]
    public async Task A6_UnderFirewalld_PacketsPass_AlsoAfterReloadAndRestart_AndNothingStaysInItsZones(string kind)
    {
        Assert.SkipUnless((await Lab.RunAsync("test -x /usr/bin/firewall-cmd -a -x /usr/bin/dbus-daemon")).Status == 0,
            "firewalld is not in this root");
        await Lab.OkAsync("iptables-save > /run/rules4; ip6tables-save > /run/rules6"); // Docker's; a firewalld that starts flushes them
        await Lab.OkAsync($"mkdir -p /run/dbus; firewall-cmd --state 2> /dev/null || {{ pgrep -x dbus-daemon || dbus-daemon --system "
            + $"--fork; setsid {Start}; }}");
        await Lab.RestartEngineAsync("TERM"); // an engine that did not find firewalld at its start does not hear of its flushes
        if (kind == "generated")
        {
            await Lab.DockerAsync("network create -d cni web");
        }
        else
        {
            await Lab.RestartCnidAsync("CNID_BUILTIN=always");
            await Lab.OkAsync($"echo '{Pods}' > /etc/cni/net.d/pods.conflist");
            await Lab.DockerAsync("network create -d cni --ipam-driver null -o cni.network=pods web");
            await Lab.DockerAsync("network create -d cni beside"); // its bridge is a member too, of another kind
        }
        await Lab.DockerAsync("run -d --name server --network web -p 8080:80 lab httpd -f -h /www");
        await PacketTable.AssertAsync(Lab);

        await Lab.OkAsync("firewall-cmd --reload");
        await PassesAgainAsync();
        await Lab.OkAsync($"pkill -KILL -x firewalld; sleep 1; setsid {Start}");
        await PassesAgainAsync();

        await Lab.DockerAsync("rm -f server");
        await Lab.OkAsync("docker network ls -q --filter driver=cni | xargs docker network rm");
        await Host.Lab.EventuallyAsync("firewalld's zone is empty", async () =>
            await Lab.OkAsync("firewall-cmd --zone=trusted --list-interfaces; firewall-cmd --zone=trusted --list-sources") == "");
    }

    protected override async Task ClearAsync()
    {
        await Lab.RunAsync("pkill -x firewalld; while pgrep -x firewalld > /dev/null; do sleep 0.1; done; iptables-restore < "
            + "/run/rules4; ip6tables-restore < /run/rules6");
        await Lab.RestartEngineAsync("TERM");
        await Lab.RunAsync("ip link delete pods0; rm -rf /var/lib/cni/networks/pods");
        await Lab.RestartCnidAsync();
    }

    private Task PassesAgainAsync() => Host.Lab.EventuallyAsync(
        "packets pass again",
        async () => (await Lab.RunAsync("docker exec server ping -c1 -W1 203.0.113.2")).Status == 0
            && (await Lab.InternetAsync("curl -s -m1 http://203.0.113.1:8080/")).Status == 0,
        seconds: 90); // one that was killed is asked again within a minute
}
