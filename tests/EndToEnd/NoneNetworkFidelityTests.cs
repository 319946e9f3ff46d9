using EndToEnd.Host;

namespace EndToEnd;

public sealed class NoneNetworkFidelityTests(Lab lab) : NoneNetworkTest(lab)
{
    // What is different with every attachment, and with every namespace, is written alike.
    private const string State = """
        nsenter -t $(docker inspect -f '{{.State.Pid}}' NAME) -n sh -c '
            ip -o -d link; ip -o address; ip route show table all; ip -6 route show table all; ip rule; ip -6 rule
            sysctl -a --pattern "^net.(ipv4.conf|ipv6.conf|core)" 2> /dev/null' |
          sed -E 's/([0-9a-f]{2}:){5}[0-9a-f]{2}/MAC/g; s/fe80::[0-9a-f:]+/LL/g; s/@if[0-9]+/@/; s/link-netns(id)? [^ ]+/PEER/' |
          sed -E 's/(valid|preferred)_lft [^ ]+//g; s/tentative//; s/(design|expires) [^ ]+//g' | grep -v 'stable_secret' | sort
        """;

    [Theory]
    [InlineData("")]
    [InlineData("CNID_BUILTIN=always")]
    public async Task SysctlsAndPolicyRoutesHold_AndAllIsAsByHand(string environment)
    {
        await Lab.RestartCnidAsync(environment);
        await ListAsync(
            "pods",
                """{"type":"bridge","bridge":"pods0","isGateway":true,"ipam":{"type":"host-local","ranges":[["""
                    + """{"subnet":"10.77.0.0/24","rangeStart":"10.77.0.5","rangeEnd":"10.77.0.5"}]],"routes":[{"dst":"0.0.0.0/0"}]}},"""
                    + """{"type":"tuning","mtu":1400,"sysctl":{"net.core.somaxconn":"345","net.ipv4.conf.eth0.arp_announce":"2"}}""");
        await ListAsync(
            "storage",
                """{"type":"bridge","bridge":"pods1","isGateway":true,"ipam":{"type":"host-local","ranges":[["""
                    + """{"subnet":"10.78.0.0/24","rangeStart":"10.78.0.5","rangeEnd":"10.78.0.5"}]],"routes":[{"dst":"0.0.0.0/0"}]}},"""
                    + """{"type":"sbr"}""");
        await RunAsync("label", "--label cni.networks=pods,storage@eth5");
        Assert.Equal("345", await InAsync("label", "cat /proc/sys/net/core/somaxconn"));
        Assert.Equal("2", await InAsync("label", "cat /proc/sys/net/ipv4/conf/eth0/arp_announce"));
        Assert.Contains("from 10.78.0.5 lookup", await InAsync("label", "ip rule"), StringComparison.Ordinal);
        var byLabel = await StateAsync("label");
        await Lab.DockerAsync("rm -f label");
        await GoneAsync("label");

        await Lab.DockerAsync("run -d --name hand --network none lab sleep 600");
        var space = $"/proc/{await Lab.DockerAsync("inspect -f '{{.State.Pid}}' hand")}/ns/net";
        await Lab.OkAsync($"{environment} {Lab.Cnid} add pods {space} && {environment} {Lab.Cnid} add storage {space} -i eth5");
        Assert.Equal(await StateAsync("hand"), byLabel);
        await Lab.OkAsync($"{environment} {Lab.Cnid} del storage {space} -i eth5 && {environment} {Lab.Cnid} del pods {space}");
        await Lab.DockerAsync("rm -f hand");
        await RemoveBridgeAsync();
        await RemoveBridgeAsync("pods1");
        await Lab.RestartCnidAsync();
    }

    private Task<string> StateAsync(string name) => Lab.OkAsync(State.Replace("NAME", name, StringComparison.Ordinal));
}
