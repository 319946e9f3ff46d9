using EndToEnd.Host;

namespace EndToEnd;

/// <summary>
/// A rootless engine (docs/engines.md): cnid works in its namespaces, started by its user; from outside it says why it cannot.
/// </summary>
public sealed class RootlessTests(Lab lab) : LabTest(lab)
{
    private string Home => $"{Lab.Folder}/rootless";

    private string Cnid => $"{Home}/bin/cnid";

    private string Settings => $"--docker-host unix://{Home}/docker.sock --state-dir {Home}/cnid --conf-dir {Home}/lists";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Lab.OkAsync($"setsid {AppContext.BaseDirectory}rootless.sh {Home} > {Lab.Folder}/rootless.log 2>&1 < /dev/null & exit 0");
        await Lab.EventuallyAsync(() => $"the rootless engine answers\n{File.ReadAllText($"{Lab.Folder}/rootless.log")}",
            async () => (await Lab.RunAsync($"docker -H unix://{Home}/docker.sock version")).Status == 0);
        await Lab.OkAsync($"tar -C {Lab.Folder}/image -c . | docker -H unix://{Home}/docker.sock import - lab");
        await Lab.OkAsync($"cp -r {Path.GetDirectoryName(Lab.Cnid)} {Home}/bin"); // where its user may read
    }

    [Fact]
    public async Task D_CnidInTheNamespacesOfTheEngine_NetworksNamesLabelsTheWayOut_AndARestartOfCnid()
    {
        await Lab.OkAsync($$$"""
            mkdir {{{Home}}}/lists
            cat > {{{Home}}}/lists/pods.conflist <<'E'
            {"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge","bridge":"pods0","isGateway":true,"ipMasq":true,
             "ipam":{"type":"host-local","dataDir":"{{{Home}}}/ipam","ranges":[[{"subnet":"10.77.0.0/24"}]],
             "routes":[{"dst":"0.0.0.0/0"}]}}]}
            E
            """);
        await Lab.OkAsync($"{Home}/inside rm /run/cnid"); // a link to that of the lab's own cnid
        await ServeAsync();
        await EngineAsync("network create -d cni net");
        await EngineAsync("network create -d cni -o cni.network=pods --ipam-driver cni --ipam-opt cni.network=pods listed");
        await EngineAsync("run -d --name web --network net lab httpd -f -h /www");
        await EngineAsync("run -d --name labelled --network none --label cni.networks=pods lab sleep 600");
        Assert.Equal("hello", await EngineAsync("run --rm --network net lab wget -qO- http://web/"));
        Assert.StartsWith("10.77.0.", await EngineAsync("run --rm --network listed lab hostname -i"), StringComparison.Ordinal);
        await Lab.OkAsync($"ip netns exec internet busybox httpd -p 203.0.113.2:8088 -h {Lab.Folder}/image/www");
        Assert.Equal("hello", await EngineAsync("run --rm --network net lab wget -qO- http://203.0.113.2:8088/"));
        await Lab.EventuallyAsync("the label container is attached", async () =>
            (await Lab.RunAsync($"docker -H unix://{Home}/docker.sock exec labelled ip -4 address show eth0")).Output.Contains(
                "10.77.0.", StringComparison.Ordinal));

        await Lab.RunAsync($"pkill -KILL -f '^{Cnid} serve'");
        await ServeAsync();
        Assert.Equal("hello", await EngineAsync("run --rm --network net lab wget -qO- http://web/"));
        var attachments = await Lab.OkAsync($"{Home}/inside {Cnid} attachments {Settings}");
        Assert.Contains("web", attachments, StringComparison.Ordinal);
        Assert.Contains("labelled", attachments, StringComparison.Ordinal);

        await EngineAsync("rm -f web labelled");
        await EngineAsync("network rm net listed");
        await Lab.EventuallyAsync("nothing is attached", async () =>
            await Lab.OkAsync($"{Home}/inside {Cnid} attachments --json {Settings}") == "[]");
        Assert.Equal("", await Lab.OkAsync($"{Home}/inside sh -c 'ip -o link show type veth; ip -o link show type bridge | grep cni-; "
            + "nft list tables | grep cnid; ls {Home}/cnid/networks {Home}/cnid/endpoints | grep json; true'"));
    }

    [Fact]
    public async Task D_CnidOutsideOfTheEnginesNamespaces_IsToldSo()
    {
        Assert.Contains("plugin \"cni\" not found",
            await Lab.FailsAsync($"docker -H unix://{Home}/docker.sock network create -d cni net"), StringComparison.Ordinal);
        var report = await Lab.RunAsync($"{Lab.Cnid} doctor --docker-host unix://{Home}/docker.sock | tr -s '\\n ' ' '");
        Assert.Contains($"the engine at unix://{Home}/docker.sock is rootless, and cnid is outside of its namespaces", report.Output,
            StringComparison.Ordinal);
    }

    protected override async Task ClearAsync()
    {
        await Lab.RunAsync($$"""
            pkill -KILL -f '^{{Cnid}} serve'
            pkill -f '[h]ttpd -p 203.0.113.2:8088'
            pkill -TERM -u 4242 -x dockerd
            timeout 30 sh -c 'while pgrep -u 4242; do sleep 0.1; done' > /dev/null || pkill -KILL -u 4242
            rm -rf {{Home}}
            """);
    }

    private async Task ServeAsync()
    {
        await Lab.OkAsync($"setsid {Home}/inside {Cnid} serve {Settings} >> {Home}/cnid.log 2>&1 < /dev/null & exit 0");
        await Lab.EventuallyAsync(() => $"cnid is ready\n{File.ReadAllText($"{Home}/cnid.log")}", async () =>
            (await Lab.RunAsync($"{Home}/inside {Cnid} health --ready {Settings}")).Status == 0);
    }

    private Task<string> EngineAsync(string arguments) => Lab.OkAsync($"docker -H unix://{Home}/docker.sock {arguments}");
}
