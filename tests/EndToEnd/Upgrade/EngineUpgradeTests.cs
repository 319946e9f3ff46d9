using EndToEnd.Host;

namespace EndToEnd.Upgrade;

/// <summary>
/// The engine is upgraded from Docker 20 to 26 and to 28 over one data-root, and cnid runs on with its state. It has a lab of its own,
/// since no engine takes a newer one's data back.
/// </summary>
[Trait("Engine", "none")] // it brings its own
public sealed class EngineUpgradeTests : IAsyncLifetime
{
    // What none of cnid's networks may leave, on any engine.
    private const string Left = """
        nft list tables | grep cnid; iptables-save | grep CNID; ip6tables-save | grep CNID
        ip -o link | grep -E ' (cni|veth)'; find /var/lib/cnid /run/cnid/netns -type f
        grep ' nsfs ' /proc/self/mountinfo | grep -v internet | grep -v default
        """;

    private static readonly int[] Following = [26, 28];

    private readonly Lab lab = new();

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Release01.CannotRun is not null, Release01.CannotRun ?? "");
        await lab.InitializeAsync();
        Assert.SkipUnless(lab.Engine.Major == 20, $"the way up begins with Docker 20; this host has {lab.Engine.Major}");
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await lab.DisposeAsync();
    }

    [Fact]
    public async Task Engine_IsUpgradedTwice_NetworksAreKnown_ContainersComeAgain_AndNothingIsLeft()
    {
        var roots = await Task.WhenAll(Following.Select(RootAsync));
        await lab.OkAsync("""
            for name in nulled pooled pods; do
                at=$((at + 1)); cat > /etc/cni/net.d/$name.conflist <<E
            {"cniVersion":"1.0.0","name":"$name","plugins":[{"type":"bridge","bridge":"${name}0","isGateway":true,"ipMasq":true,
             "capabilities":{"ips":true},"ipam":{"type":"host-local","ranges":[[{"subnet":"10.7$at.0.0/24"}]],
             "routes":[{"dst":"0.0.0.0/0"}]}},{"type":"portmap","capabilities":{"portMappings":true}}]}
            E
            done
            docker network create -d cni --ipv6 --subnet 10.70.0.0/24 --subnet fd70::/64 web
            docker network create -d cni --ipam-driver null -o cni.network=nulled nulled
            docker network create -d cni --ipam-driver cni --ipam-opt cni.network=pooled --subnet 10.72.0.0/24 pooled
            docker network create -d cni spare
            run() { docker run -d --restart always --stop-signal KILL --name $1 "${@:2}" lab httpd -f -h /www; }
            run web --network web -p 8080:80
            run nulled --network nulled -p 8081:80
            run pooled --network pooled -p 8082:80 --ip 10.72.0.50
            run pod --network none --label cni.networks=pods --label cni.ports=8083:80
            """);
        await HoldsAsync();

        foreach (var (engine, root) in Following.Zip(roots))
        {
            await lab.UpgradeEngineAsync(root);
            Assert.Equal(engine, lab.Engine.Major);
            await HoldsAsync();
            await lab.DockerAsync("restart -t0 web nulled pooled pod");
            await HoldsAsync();
            Assert.Equal("10.72.0.50", await lab.DockerAsync("inspect -f '{{.NetworkSettings.Networks.pooled.IPAddress}}' pooled"));
            await lab.OkAsync("docker network rm spare && docker network create -d cni spare");
        }

        await lab.OkAsync("docker rm -f web nulled pooled pod && docker network rm web nulled pooled spare");
        await lab.OkAsync("for bridge in nulled0 pooled0 pods0; do ip link delete $bridge; done");
        var left = "";
        await Lab.EventuallyAsync(() => $"nothing is left: {left}", async () =>
            (left = (await lab.RunAsync(Left)).Output.Trim()).Length == 0);
    }

    private async Task HoldsAsync()
    {
        using var engine = new EngineApi(lab);
        var attached = new Attached(lab, engine);
        string? amiss = null;
        await Lab.EventuallyAsync(() => $"all is attached: {amiss}", async () =>
            (await lab.RunAsync("docker ps -q | wc -l")).Output.Trim() == "4" && (amiss = await attached.AmissAsync()) is null,
            seconds: 90);
        foreach (var port in Enumerable.Range(8080, 4))
            await Lab.EventuallyAsync($"port {port} serves", async () =>
                (await lab.InternetAsync($"curl -s -m3 http://203.0.113.1:{port}/")).Output.Trim() == "hello");
        await Lab.EventuallyAsync("port 8080 serves over IPv6", async () =>
            (await lab.InternetAsync("curl -s -m3 http://[2001:db8:ffff::1]:8080/")).Output.Trim() == "hello");
        foreach (var name in new[] { "web", "nulled", "pooled" })
            Assert.Equal("hello", await lab.DockerAsync($"run --rm --network {name} lab wget -qO- http://{name}/"));
    }

    // As test.sh makes it; the same packages, so that there is one root for all.
    private static async Task<string> RootAsync(int engine)
    {
        var packages = Environment.GetEnvironmentVariable("ENGINE_PACKAGES");
        Assert.SkipWhen(string.IsNullOrEmpty(packages), "ENGINE_PACKAGES does not name the packages of a root; run ./test.sh e2e");
        var made = await Lab.ShellAsync($"{Machine.Repository}/tests/EndToEnd/Host/engine-root.sh {engine} {packages}");
        Assert.SkipUnless(made.Status == 0, made.Text);
        return made.Output.Trim();
    }
}
