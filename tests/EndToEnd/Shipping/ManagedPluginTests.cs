using EndToEnd.Host;

namespace EndToEnd.Shipping;

/// <summary>
/// The managed plugin: /proc/sys as the engine mounts it, and what becomes of containers while the plugin or the engine goes.
/// </summary>
public sealed class ManagedPluginTests(PluginLab plugin) : IClassFixture<PluginLab>, IAsyncLifetime
{
    private const string Client = "run --rm --network web lab wget -qO- http://www/";
    private string before = "";

    private Lab Lab => plugin.Lab;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(PluginLab.CannotRun is not null, PluginLab.CannotRun ?? "");
        await Lab.RunAsync("docker plugin enable cnid"); // a test that failed may have left it disabled
        before = await Inventory.TakeAsync(Lab);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (PluginLab.CannotRun is not null)
            return;
        await Lab.RunAsync("docker rm -f $(docker ps -aq); docker network prune -f; rm -f /etc/cni/net.d/*");
        var after = "";
        try
        {
            await Lab.EventuallyAsync("nothing is left", async () => (after = await Inventory.TakeAsync(Lab)) == before);
        }
        catch (Exception)
        {
            Assert.Equal(before, after);
        }
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("off")] // the reference plugins write to /proc/sys, and call iptables
    public async Task Plugin_PassesTheSmokeTest(string builtin)
    {
        await SetAsync($"CNID_BUILTIN={builtin}");
        Assert.Contains("and nothing left", await Lab.OkAsync($"IMAGE=lab {Machine.Repository}/packaging/smoke.sh {PluginLab.Driver}"),
            StringComparison.Ordinal);
        await SetAsync("CNID_BUILTIN=auto");
    }

    [Fact]
    public async Task Plugin_SaysWhichVersionItHas() =>
        Assert.Contains($"cnid {await Lab.OkAsync($"{Lab.Cnid} --version")}: ",
            await Lab.DockerAsync("plugin inspect -f '{{.Config.Description}}' cnid"), StringComparison.Ordinal);

    [Fact]
    public async Task Plugin_HoldsNoMoreThanTheUnitDoes()
    {
        Assert.Equal("false [CAP_NET_ADMIN CAP_SYS_ADMIN CAP_SYS_PTRACE CAP_NET_RAW CAP_NET_BIND_SERVICE]",
            await Lab.DockerAsync("plugin inspect -f '{{.Config.Linux.AllowAllDevices}} {{.Config.Linux.Capabilities}}' cnid"));
        Assert.Equal("600", await Lab.OkAsync("stat -c %a /run/docker/plugins/*/cni.sock"));
        // Writable for the plugin, and the engine's other containers have it as before.
        Assert.Equal("rw", await Lab.OkAsync("awk '$5 == \"/proc/sys\" { print substr($6, 1, 2) }' /proc/$(pgrep -x cnid)/mountinfo"));
        Assert.Contains("Read-only", await Lab.FailsAsync("docker run --rm lab sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task DisabledAndEnabled_WhileContainersRun_TheyTalkOn()
    {
        await ServeAsync();
        await Lab.DockerAsync("plugin disable -f cnid");
        Assert.Equal("hello", await Lab.OkAsync("curl -sm5 http://127.0.0.1:8080/"));
        await Lab.DockerAsync("plugin enable cnid");
        await TalksAsync();
        await Lab.DockerAsync("restart -t 0 www");
        await TalksAsync();
    }

    [Fact]
    public async Task MadeAgain_KnowsItsNetworks()
    {
        await ServeAsync();
        var id = await Lab.DockerAsync("plugin inspect -f '{{.Id}}' cnid");
        await Lab.OkAsync($"cd {Machine.Repository}; "
            + CommandPages.Commands("plugin: make again",
            ("plugin-config/managed/create.sh", $"plugin-config/managed/create.sh cnid {Lab.Cnid}")));
        Assert.NotEqual(id, await Lab.DockerAsync("plugin inspect -f '{{.Id}}' cnid"));
        await Lab.DockerAsync("restart -t 0 www");
        await TalksAsync();
    }

    [Fact]
    public async Task Settings_TakeOtherFolders()
    {
        await Lab.OkAsync("""
            mkdir -p /srv/lists && echo '{"cniVersion":"1.0.0","name":"lan","plugins":[{"type":"bridge","bridge":"lan0","isGateway":true,
             "ipam":{"type":"host-local","ranges":[[{"subnet":"10.66.0.0/24"}]]}}]}' > /srv/lists/lan.conflist
            """);
        await Lab.OkAsync(CommandPages.Commands("plugin: set"));
        await Lab.DockerAsync($"network create -d {PluginLab.Driver} --ipam-driver null -o cni.network=lan lan");
        Assert.Contains("10.66.0.", await Lab.DockerAsync("run --rm --network lan lab ip address show eth0"), StringComparison.Ordinal);
        await Lab.DockerAsync("network rm lan");
        await Lab.OkAsync("ip link delete lan0; rm -r /srv/lists");
        await SetAsync("CNID_LOG_LEVEL=information lists.source=/etc/cni/net.d");
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("KILL")]
    public async Task EngineEnds_AndStartsAgain_PluginIsThereBeforeItsContainers(string signal)
    {
        await ServeAsync("--restart always");
        await Lab.RestartEngineAsync(signal);
        Assert.Equal("true", await Lab.DockerAsync("plugin inspect -f '{{.Enabled}}' cnid"));
        await TalksAsync();
        Assert.Equal("hello", await Lab.OkAsync("curl -sm5 http://127.0.0.1:8080/"));
    }

    [Fact]
    public async Task PluginIsKilled_EngineStartsItAgain_AndItKnowsItsNetworks()
    {
        await ServeAsync();
        var pid = await Lab.OkAsync("pgrep -x cnid");
        await Lab.OkAsync($"kill -KILL {pid}");
        await TalksAsync();
        Assert.NotEqual(pid, await Lab.OkAsync("pgrep -x cnid"));
        await Lab.DockerAsync("rm -f www");
    }

    [Fact]
    public async Task NoneContainer_IsDetached_ThoughThePluginWasDisabledMeanwhile()
    {
        await Lab.OkAsync("""
            echo '{"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge","bridge":"pods0","isGateway":true,"ipMasq":true,
             "ipam":{"type":"host-local","ranges":[[{"subnet":"10.77.0.0/24"}]]}}]}' > /etc/cni/net.d/pods.conflist
            docker run -d --name pod --network none --label cni.networks=pods lab sleep 600
            """);
        await Lab.EventuallyAsync("the container is attached", async () =>
            (await Lab.RunAsync("docker exec pod ip address show eth0")).Output.Contains("10.77.0.", StringComparison.Ordinal));
        await Lab.OkAsync("docker plugin disable -f cnid && docker plugin enable cnid && docker rm -f pod");
        await Lab.EventuallyAsync("its address is free", async () =>
            await Lab.OkAsync("ls /var/lib/cni/networks/pods | grep -c '^10.77'; true") == "0");
        await Lab.OkAsync("ip link delete pods0");
    }

    [Fact]
    public async Task IpamDriver_IsThePluginToo_AndAnEngineThatWasKilledHasItsAddressAgain()
    {
        await Lab.OkAsync($$$"""
            echo '{"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge","bridge":"pods0","isGateway":true,"ipMasq":true,
             "ipam":{"type":"host-local","ranges":[[{"subnet":"10.77.0.0/24"}]]}}]}' > /etc/cni/net.d/pods.conflist
            docker network create -d {{{PluginLab.Driver}}} --ipam-driver {{{PluginLab.Driver}}} --ipam-opt cni.network=pods \
                --subnet 10.77.0.0/24 pods
            docker run -d --name pod --restart always --network pods --ip 10.77.0.50 lab sleep 600
            """);
        await Lab.RestartEngineAsync("KILL");
        await Lab.EventuallyAsync("it is back", async () =>
            (await Lab.RunAsync("docker exec pod ip address show eth0")).Output.Contains("10.77.0.50/24", StringComparison.Ordinal));
        Assert.Equal("10.77.0.50", await Lab.DockerAsync("inspect -f '{{.NetworkSettings.Networks.pods.IPAddress}}' pod"));
        await Lab.OkAsync("docker rm -f pod; docker network rm pods; ip link delete pods0");
    }

    /// <summary>The client's daemon is the plugin's child, and dies with it; the next one asks for the lease anew.</summary>
    [Fact]
    public async Task Lease_IsRenewed_AlsoAfterThePluginWasKilled()
    {
        var log = Path.Combine(Lab.Folder, "dnsmasq.log");
        File.WriteAllText(log, "");
        await Lab.OkAsync($"""
            ip netns add lan && ip link add lan0 type veth peer name server netns lan && ip link set lan0 up &&
                ip -n lan address add 10.99.0.1/24 dev server && ip -n lan link set server up
            ip netns exec lan setsid dnsmasq --keep-in-foreground --log-facility=- --port=0 --conf-file=/dev/null \
                --pid-file=/run/dnsmasq.pid \
                --no-ping --dhcp-authoritative --interface=server \
                --dhcp-range=10.99.0.50,10.99.0.60,2m --dhcp-option=58,4 --dhcp-option=59,8 \
                --dhcp-leasefile=/run/dnsmasq.leases >> {log} 2>&1 < /dev/null &
            """);
        await Lab.EventuallyAsync("the server serves", async () =>
            (await File.ReadAllTextAsync(log)).Contains("DHCP, IP range", StringComparison.Ordinal));
        await Lab.DockerAsync(
            $"network create -d {PluginLab.Driver} -o cni.type=macvlan -o cni.master=lan0 -o cni.ipam.type=dhcp --ipam-driver null lan");
        await Lab.DockerAsync("run -d --name leased --network lan lab sleep 600");
        var address = await Lab.DockerAsync("inspect -f '{{.NetworkSettings.Networks.lan.IPAddress}}' leased");
        Assert.Contains($"inet {address}/24", await Lab.DockerAsync("exec leased ip address show eth0"), StringComparison.Ordinal);
        await RenewedAsync(2);
        await Lab.OkAsync("kill -KILL $(pgrep -x cnid)");
        await RenewedAsync(3);
        await Lab.OkAsync("docker rm -f leased; docker network rm lan; kill $(cat /run/dnsmasq.pid); ip link delete lan0; ip netns "
            + "delete lan; rm -f /run/dnsmasq.*");
        // the client's daemon, kept for the next lease
        await Lab.RunAsync("docker plugin disable -f cnid; rm -rf /run/cni; docker plugin enable cnid");

        async Task RenewedAsync(int times)
        {
            var acknowledged = () =>
                File.ReadLines(log).Count(line => line.Contains($"DHCPACK(server) {address} ", StringComparison.Ordinal));
            var before = acknowledged();
            await Lab.EventuallyAsync("the lease is renewed", () => Task.FromResult(acknowledged() >= before + times));
        }
    }

    /// <summary>
    /// By way of a registry, as the nodes of a swarm get it: from the plugin that 0.1's own script makes of cnid 0.1, where it can be had.
    /// </summary>
    [Fact]
    public async Task Upgrade_AndRollBack_WhileContainersRun_KeepTheState()
    {
        var earlier = await Release01.FindTreeAsync();
        Assert.SkipUnless(File.Exists("/usr/bin/docker-registry"), "needs docker-registry");
        const string Registry = "127.0.0.1:5000/cnid";
        File.Copy("/usr/bin/docker-registry", Path.Combine(Lab.Folder, "docker-registry"), overwrite: true);
        await Lab.OkAsync($$$"""
            cd {{{Lab.Folder}}} && mkdir -p registry
            echo '{"version":"0.1",
              "storage":{"filesystem":{"rootdirectory":"{{{Lab.Folder}}}/registry"}},"http":{"addr":"127.0.0.1:5000"}}' > registry.yml
            setsid ./docker-registry serve registry.yml > registry.log 2>&1 < /dev/null &
            """);
        await Lab.EventuallyAsync("the registry answers", async () =>
            (await Lab.RunAsync("curl -sf http://127.0.0.1:5000/v2/")).Status == 0);
        foreach (var (version, tree) in new[] { ("0.1.0", earlier), ("0.1.1", null) })
            await Lab.OkAsync($"{tree ?? Machine.Repository}/plugin-config/managed/create.sh {Registry}:{version} "
                + $"{(tree is null ? Lab.Cnid : $"{tree}/artifacts/publish/cnid")} "
                + $"&& docker plugin push {Registry}:{version} && docker plugin rm {Registry}:{version}");
        await Lab.OkAsync(CommandPages.Commands("plugin: remove"));

        await Lab.OkAsync(CommandPages.Commands("plugin: install from a registry", ("REGISTRY/cnid", Registry)));
        await ServeAsync();
        await using var flows = await SteadyAsync();
        await Lab.OkAsync(CommandPages.Commands("plugin: upgrade", ("REGISTRY/cnid", Registry)));
        Assert.EndsWith(":0.1.1", await Lab.DockerAsync("plugin inspect -f '{{.PluginReference}}' cnid"), StringComparison.Ordinal);
        await TalksAsync();
        await Lab.OkAsync(CommandPages.Commands("plugin: upgrade", ("REGISTRY/cnid:0.1.1", Registry + ":0.1.0")));
        await Lab.DockerAsync("restart -t 0 www");
        await TalksAsync();

        await Lab.OkAsync(CommandPages.Commands("plugin: upgrade", ("REGISTRY/cnid", Registry)));
        await Lab.DockerAsync("restart -t 0 www");
        await TalksAsync();
        Console.Out.WriteLine($"upgrade of the managed plugin: {await Flows.UnbrokenAsync([flows])}");

        await Lab.OkAsync("docker rm -f www steady && docker network rm web");
        await Lab.OkAsync(CommandPages.Commands("plugin: remove"));
        await Lab.OkAsync("pkill -x docker-registry");
        await PluginLab.MakeAsync(Lab);
        await Lab.OkAsync(CommandPages.Commands("plugin: enable"));
    }

    private async Task ServeAsync(string options = "")
    {
        await Lab.DockerAsync($"network create -d {PluginLab.Driver} web");
        await Lab.DockerAsync($"run -d --name www {options} --network web -p 8080:80 lab httpd -f -h /www");
        await TalksAsync();
    }

    // Traffic to a container that is never restarted, by its published port and by its own address.
    private async Task<Flows> SteadyAsync()
    {
        await Lab.DockerAsync("run -d --name steady --network web -p 7001:7 -p 7001:7/udp lab sh -c 'udpecho 7 & exec nc -ll -p 7 -e cat'");
        var address = await Lab.DockerAsync("inspect -f '{{.NetworkSettings.Networks.web.IPAddress}}' steady");
        return await Flows.StartAsync(Lab, "", [.. Flows.Both("by its port", "203.0.113.1", 7001),
            .. Flows.Both("by its address", address, 7)]);
    }

    private Task TalksAsync() =>
        Lab.EventuallyAsync("another container reaches it by name", async () =>
            (await Lab.RunAsync("docker " + Client)).Output.Trim() == "hello");

    private Task<string> SetAsync(string settings) =>
        Lab.OkAsync($"docker plugin disable -f cnid && docker plugin set cnid {settings} && docker plugin enable cnid");
}
