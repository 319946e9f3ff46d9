using EndToEnd.Host;

namespace EndToEnd.Vm;

/// <summary>
/// Kinds of links that many kernels lack: their plugins' lists, through Docker's door and by label, with packets to a host on the wire.
/// </summary>
public sealed class LinkKindTests(VmDisk disk) : VmTest(disk)
{
    // A bond with a trunk as its member. On the other side a host speaks untagged (10.43.0.1) and in VLAN 42 (10.42.0.1).
    private const string Wire = """
        ip link add bond0 type bond mode active-backup
        ip link add trunk type veth peer name far netns internet
        ip link set trunk master bond0
        ip link set trunk up
        ip link set bond0 up
        ip -n internet link set far up
        ip -n internet address add 10.43.0.1/24 dev far
        ip -n internet link add link far name far.42 type vlan id 42
        ip -n internet address add 10.42.0.1/24 dev far.42
        ip -n internet link set far.42 up
        """;

    [Fact]
    public async Task Vlan_Ipvlan_AndMacvlan_OnABond_SpeakOnTheWire()
    {
        await Machine.OkAsync(Wire);
        await SpeaksAsync("vlan", """{"type":"vlan","master":"bond0","vlanId":42,"ipam":IPAM}""", "10.42.0", "vlan protocol 802.1Q id 42");
        await SpeaksAsync("ipvlan", """{"type":"ipvlan","master":"bond0","mode":"l2","ipam":IPAM}""", "10.43.0", "ipvlan");
        await SpeaksAsync("macvlan", """{"type":"macvlan","master":"bond0","ipam":IPAM}""", "10.43.0", "macvlan");
    }

    [Fact]
    public async Task AVrf_IsMadeInTheContainer_AndOverADummyContainersReachEachOther()
    {
        // A VRF cannot be moved to another namespace: the way is the label, where the plugin runs in the container's own.
        await ConfigureAsync(
            "vrf", """{"type":"bridge","bridge":"vrf0","isGateway":true,"ipam":IPAM},{"type":"vrf","vrfname":"blue"}""", "10.45.0");
        await StartAsync("vrf", "--network none --label cni.networks=vrf");
        await EventuallyAsync(In("vrf") + " ip link show vrf blue | grep -q eth0");
        await EventuallyAsync(In("vrf") + " busybox ping -I blue -c1 -W1 10.45.0.1");
        await GoneAsync("vrf");

        await Machine.OkAsync("ip link add isle type dummy; ip link set isle up");
        await ConfigureAsync("isle", """{"type":"macvlan","master":"isle","ipam":IPAM}""", "10.46.0");
        await NetworkOfAsync("isle");
        await StartAsync("one", "--network isle");
        await StartAsync("isle", "--network isle");
        await EventuallyAsync("docker exec isle ping -c1 -W1 10.46.0.5 && docker exec one ping -c1 -W1 10.46.0.6");
        await Machine.OkAsync("docker rm -f one");
        await GoneAsync("isle");
    }

    private async Task SpeaksAsync(string kind, string plugin, string subnet, string shown)
    {
        await ConfigureAsync(kind, plugin, subnet);
        await NetworkOfAsync(kind);
        foreach (var door in new[] { $"--network {kind}", $"--network none --label cni.networks={kind}" })
        {
            await StartAsync(kind, door);
            await EventuallyAsync($"docker exec {kind} ping -c1 -W1 {subnet}.1");
            Assert.Contains(shown, await Machine.OkAsync($"{In(kind)} ip -d link show eth0"), StringComparison.Ordinal);
            await Machine.OkAsync($"docker restart -t0 {kind}");
            await EventuallyAsync($"docker exec {kind} ping -c1 -W1 {subnet}.1");
            await Machine.OkAsync($"docker rm -f {kind}");
        }
        await GoneAsync(kind);
    }

    private static string In(string container) => $"nsenter -t $(docker inspect -f '{{{{.State.Pid}}}}' {container}) -n";

    private Task<string> ConfigureAsync(string name, string plugins, string subnet)
    {
        var ipam = $$"""{"type":"host-local","ranges":[[{"subnet":"{{subnet}}.0/24","rangeStart":"{{subnet}}.5"}]]}""";
        var list = $$"""{"cniVersion":"1.0.0","name":"{{name}}","plugins":[{{plugins.Replace("IPAM", ipam, StringComparison.Ordinal)}}]}""";
        return Machine.OkAsync($"echo '{list}' > /etc/cni/net.d/{name}.conflist");
    }

    private Task<string> StartAsync(string name, string door) => Machine.OkAsync($"docker run -d --name {name} {door} lab sleep 6000");

    // Docker's network, if there is one, the attachment and its address.
    private async Task GoneAsync(string name)
    {
        await Machine.RunAsync($"docker rm -f {name}; docker network rm {name}");
        await EventuallyAsync($"! cnid attachments --json | grep -q phase && ! ls /var/lib/cni/networks/{name}/10.* 2> /dev/null");
    }
}
