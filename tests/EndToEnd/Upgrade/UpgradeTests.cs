using EndToEnd.Host;

namespace EndToEnd.Upgrade;

/// <summary>
/// From cnid 0.1 itself to the program under test, back, and up again, with running containers of every kind, and traffic that never
/// stops. What one version has written, the other reads.
/// </summary>
[Trait("Engine", "none")] // this host's is enough, and once
public sealed class UpgradeTests(Lab lab) : LabTest(lab)
{
    private const string Serve = "lab sh -c 'udpecho 7 & nc -ll -p 7 -e cat & exec httpd -f -h /www'";

    // A kind of network, and the options by which a container joins it.
    private static readonly (string Name, string Create, string Join)[] Kinds =
    [
        ("web", "-d cni --ipv6 --subnet 10.70.0.0/24 --subnet fd70::/64", "--network web"),
        ("listed", "-d cni --subnet 10.71.0.0/24 --gateway 10.71.0.1 -o cni.network=listed", "--network listed"),
        ("nulled", "-d cni --ipam-driver null -o cni.network=nulled", "--network nulled"),
        ("pooled", "-d cni --ipam-driver cni --ipam-opt cni.network=pooled --subnet 10.73.0.0/24", "--network pooled"),
        ("event", "", "--network none --label cni.networks=event"),
        ("runtime", "", "--network none --runtime cni --label cni.networks=runtime"),
    ];

    private string earlier = "";
    private string use = "";

    [Theory]
    [InlineData("auto")] // lists by the reference executables
    [InlineData("always")]
    public async Task UpBackAndUpAgain_NothingIsLost_AndEachVersionTakesOverFromTheOther(string builtin)
    {
        (earlier, use) = (await Release01.ProgramAsync(), builtin);
        foreach (var (at, kind) in Kinds.Index())
            await ListAsync(kind.Name, at);
        await RunsAsync(earlier);
        foreach (var (name, create, _) in Kinds.Where(kind => kind.Create.Length > 0))
            await Lab.DockerAsync($"network create {create} {name}");
        await CreateSpareAsync("spare0");
        await Task.WhenAll(Enumerable.Range(0, Kinds.Length).Select(async at =>
        {
            await StartAsync("steady", at, port: 8000 + (10 * at));
            await StartAsync("peer", at);
            await StartAsync("moved", at, port: 9000 + (10 * at));
        }));
        await HoldsAsync(earlier);
        if (use == "auto") // what install.md says of 0.1, and why Outside is what it is
            Assert.NotEqual("hello", (await Lab.InternetAsync("curl -s -m1 http://203.0.113.1:8010/")).Output.Trim());

        var flows = await FlowAsync();
        try
        {
            var steps = new[] { Lab.Cnid, earlier, Lab.Cnid };
            foreach (var (step, program) in steps.Index())
            {
                await RunsAsync(program);
                await HoldsAsync(program);
                var admitted = await AdmittedAsync();
                await TakesOverAsync(program, step);
                if (program == earlier) // 0.1 does not take away what it does not know
                    Assert.Equal(admitted, await AdmittedAsync());
            }
            Console.Out.WriteLine($"upgrade, built-ins {use}: {await Flows.UnbrokenAsync(flows)}");
        }
        finally
        {
            foreach (var flow in flows)
                await flow.DisposeAsync();
        }
        await Lab.OkAsync("docker rm -f $(docker ps -aq); docker network rm $(docker network ls -q -f driver=cni)");
        Assert.Equal("", await Lab.OkAsync("find /run/cnid -name 'cni-*'")); // a bridge of a generated network
    }

    protected override async Task ClearAsync()
    {
        if (earlier.Length == 0)
            return;
        await Lab.RunAsync("ip netns pids internet | xargs -r kill");
        await RunsAsync(Lab.Cnid, "");
        foreach (var kind in Kinds)
            await RemoveRulesOfAsync(kind.Name);
        await Lab.RunAsync("for l in listed nulled pooled event runtime; do ip link delete ${l}0; done");
    }

    // A daemon of that version in the place of the other, and its runtime: what an upgrade is, whichever way it was installed.
    private async Task RunsAsync(string program, string? environment = null)
    {
        await Lab.StopCnidAsync("TERM");
        await Lab.OkAsync($"sed -i 's|^cnid=.*|cnid={program}|' /run/cnid-runtime");
        await Lab.StartCnidAsync(environment ?? $"CNID_BUILTIN={use}", program);
    }

    private Task<string> ListAsync(string name, int at) => Lab.OkAsync($$$"""
        cat > /etc/cni/net.d/{{{name}}}.conflist <<'E'
        {"cniVersion":"1.0.0","name":"{{{name}}}","plugins":[{"type":"bridge","bridge":"{{{name}}}0","isGateway":true,"ipMasq":true,
         "capabilities":{"ips":true,"mac":true},"ipam":{"type":"host-local","ranges":[[{"subnet":"10.7{{{at}}}.0.0/24"}]],
         "routes":[{"dst":"0.0.0.0/0"}]}},{"type":"portmap","capabilities":{"portMappings":true}},{"type":"firewall"}]}
        E
        """);

    // One that has had a container of one version, and is removed by the other.
    private Task<string> CreateSpareAsync(string name) =>
        Lab.OkAsync($"docker network create -d cni {name} && docker run --rm --network {name} lab true");

    private async Task StartAsync(string role, int at, int port = 0)
    {
        var (name, _, join) = Kinds[at];
        var ports = port == 0 ? "" : name is "event" or "runtime"
            ? $"--label cni.ports={port}:80,{port + 1}:7,{port + 1}:7/udp"
            : $"-p {port}:80 -p {port + 1}:7 -p {port + 1}:7/udp";
        await Lab.DockerAsync($"run -d --name {role}-{name} {join} {ports} {Serve}");
    }

    // What runs is attached once, and reached; from then on the other version is asked what it thinks of it.
    private async Task HoldsAsync(string program)
    {
        using var engine = new EngineApi(Lab);
        var attached = new Attached(Lab, engine, program);
        string? amiss = null;
        await Lab.EventuallyAsync(() => $"all is attached: {amiss}", async () => (amiss = await attached.AmissAsync()) is null);
        foreach (var at in Enumerable.Range(0, Kinds.Length))
        {
            foreach (var port in new[] { 8000 + (10 * at), 9000 + (10 * at) })
                await Lab.EventuallyAsync($"{Kinds[at].Name} serves at {port}", async () =>
                    (await Lab.RunAsync($"{Outside(Kinds[at].Name, program)} curl -s -m3 http://203.0.113.1:{port}/")).Output.Trim()
                        == "hello");
        }
        await Lab.DockerAsync("exec steady-web ping6 -c1 -W3 2001:db8:ffff::2");
    }

    // 0.1 let nobody past the engine's policy of DROP for a list whose executables do not: its ports are the host's own.
    private string Outside(string kind, string program) =>
        kind == "web" || program == Lab.Cnid || use == "always" ? "ip netns exec internet" : "";

    // What the version before has made ends and comes again.
    private async Task TakesOverAsync(string program, int step)
    {
        await Task.WhenAll(Kinds.Select(async kind =>
        {
            var (name, create, join) = kind;
            await Lab.DockerAsync($"restart -t0 moved-{name}");
            await Lab.DockerAsync($"run --rm {join} lab sh -c 'until ip route | grep -q default; do :; done; "
                + "for try in 1 2 3 4 5; do ping -c1 -W1 203.0.113.2 && exit; done; exit 1'");
            if (create.Length > 0)
                Assert.Equal("hello", await Lab.DockerAsync($"run --rm {join} lab wget -qO- http://steady-{name}/"));
        }));
        await Lab.DockerAsync($"network rm spare{step}");
        await CreateSpareAsync($"spare{step + 1}");
        await HoldsAsync(program);
        Assert.Equal("", await Lab.OkAsync("find /var/lib/cnid -name '*.corrupt' -o -name '*.kept'"));
    }

    // From outside to each port; from a container to its neighbour; from each container to the outside.
    private async Task<IReadOnlyList<Flows>> FlowAsync()
    {
        await Lab.OkAsync($"ip netns exec internet setsid {Lab.Folder}/image/bin/udpecho 7 < /dev/null > /dev/null 2>&1 & "
            + "ip netns exec internet setsid busybox nc -ll -p 7 -e cat < /dev/null > /dev/null 2>&1 & exit 0");
        var all = new List<Flows>();
        foreach (var origin in Kinds.Index().GroupBy(kind => Outside(kind.Item.Name, earlier)))
            all.Add(await Flows.StartAsync(Lab, origin.Key, origin.SelectMany(kind => Flows.Both($"to {kind.Item.Name}", "203.0.113.1",
                8001 + (10 * kind.Index)))));
        foreach (var (name, _, _) in Kinds)
        {
            var flows = Flows.Both($"{name} to outside", "203.0.113.2", 7)
                .Concat(Flows.Both($"{name} to peer", await AddressAsync($"peer-{name}"), 7));
            if (name == "web")
                flows = flows.Concat(Flows.Both("web to outside, IPv6", "2001:db8:ffff::2", 7))
                    .Concat(Flows.Both("web to peer, IPv6", await AddressAsync("peer-web", "-6"), 7));
            all.Add(await Flows.StartAsync(Lab, $"{await EnterAsync($"steady-{name}")}", flows));
        }
        return all;
    }

    private Task<string> AdmittedAsync() =>
        Lab.OkAsync("nft list table inet cnid_firewall 2> /dev/null | grep -o '[^ ]* admitted [^ ]* [^ ]*' | sort; true");

    private async Task<string> EnterAsync(string container) =>
        $"nsenter -t {await Lab.DockerAsync($"inspect -f '{{{{.State.Pid}}}}' {container}")} -n";

    private async Task<string> AddressAsync(string container, string family = "-4") => await Lab.OkAsync(
        $"{await EnterAsync(container)} ip {family} -o address show eth0 scope global | awk '{{print $4}}' | cut -d/ -f1");
}
