using EndToEnd.Host;

namespace EndToEnd;

/// <summary>An upgrade from cnid 0.1 under running containers: the state that it left has none of the members that came later.</summary>
public sealed class EarlierStateTests(Lab lab) : NoneNetworkTest(lab)
{
    // Each file becomes what 0.1 would have written: without the members that its own files of the kind do not have.
    private const string WriteAsEarlier =
        """
        import glob, json, os, sys
        # Here the keys are somebody else's words.
        free = {"list", "ipamList", "ipam", "result", "capabilities", "args", "labels", "sysctls"}
        def join(one, other):
            if isinstance(one, dict) and isinstance(other, dict):
                return {key: join(one.get(key), other.get(key)) for key in {**one, **other}}
            if isinstance(one, list) and isinstance(other, list):
                items = one + other
                for item in items[1:]:
                    items[0] = join(items[0], item)
                return items[:1]
            return one if other is None else other
        def keep(value, known):
            if isinstance(value, dict) and isinstance(known, dict):
                return {key: v if key in free else keep(v, known[key]) for key, v in value.items() if key in known}
            if isinstance(value, list) and isinstance(known, list) and known:
                return [keep(item, known[0]) for item in value]
            return value
        for folder in glob.glob("/var/lib/cnid/*/"):
            kind = os.path.basename(folder.rstrip("/"))
            known = None
            for path in glob.glob(f"{sys.argv[1]}/{kind}/*.json"):
                known = join(known, join(json.load(open(path)), None))
            for path in glob.glob(folder + "*.json"):
                value = json.load(open(path))
                print(kind, sorted(set(value) - set(known)))
                json.dump(keep(value, known), open(path, "w"))
        """;

    [Fact]
    public async Task ContainersOf01_KeepTheirNetworks_RestartOnThem_AndLeaveNothing()
    {
        await ListAsync("pods", Bridge + """,{"type":"portmap","capabilities":{"portMappings":true}},{"type":"firewall"}""");
        await Lab.DockerAsync("network create -d cni --ipv6 --subnet 10.91.0.0/24 --subnet fd91::/64 web");
        await Lab.DockerAsync("network create -d cni --ipam-driver null -o cni.network=pods pods");
        await Lab.DockerAsync("network create -d cni --ipam-driver cni --ipam-opt cni.network=pods --subnet 10.77.0.0/24 pool");
        await Lab.DockerAsync("run -d --name server --network web -p 8080:80 lab httpd -f -h /www");
        await Lab.DockerAsync("run -d --name other --network pods -p 8081:80 lab httpd -f -h /www");
        await Lab.DockerAsync("run -d --name third --network pool lab sleep 600");
        await RunAsync("pod", "--label cni.networks=pods --label cni.ports=8082:80", "httpd -f -h /www");
        await Lab.StopCnidAsync("TERM");

        await File.WriteAllTextAsync(Path.Combine(Lab.Folder, "as-earlier.py"), WriteAsEarlier, TestContext.Current.CancellationToken);
        var gone = await Lab.OkAsync($"python3 {Lab.Folder}/as-earlier.py {Machine.Repository}/tests/Support/StateOf01");
        foreach (var member in new[] { "link", "openPorts", "sysctls" })
            Assert.Contains($"'{member}'", gone, StringComparison.Ordinal);
        await Lab.OkAsync("rm -rf /run/cnid/bridges"); // 0.1 kept no records of bridges

        await Lab.StartCnidAsync();
        await ServesAsync();
        await Lab.DockerAsync("restart -t0 server other third pod");
        await AttachedAsync("pod");
        await ServesAsync();
        Assert.Equal("", await Lab.OkAsync("find /var/lib/cnid -name '*.corrupt' -o -name '*.kept'"));

        await Lab.DockerAsync("rm -f server other third pod");
        await GoneAsync("pod");
        await Lab.DockerAsync("network rm web pods pool");
        await RemoveBridgeAsync(); // the reference plugin's
    }

    private async Task ServesAsync()
    {
        foreach (var port in new[] { 8080, 8081, 8082 })
            await Lab.EventuallyAsync($"port {port} answers", async () =>
                (await Lab.InternetAsync($"curl -s -m3 http://203.0.113.1:{port}/")).Output.Trim() == "hello");
        Assert.Equal("hello", await Lab.DockerAsync("run --rm --network web lab wget -qO- http://server/"));
        foreach (var name in new[] { "server", "other", "third", "pod" })
            await Lab.DockerAsync($"exec {name} ping -c1 -W3 203.0.113.2");
        await Lab.DockerAsync("exec server ping6 -c1 -W3 2001:db8:ffff::2");
    }
}
