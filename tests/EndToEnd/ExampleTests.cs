using EndToEnd.Host;

namespace EndToEnd;

/// <summary>What is in plugin-config to be copied, copied.</summary>
public sealed class ExampleTests(Lab lab) : LabTest(lab)
{
    private static readonly string Folder = Path.Combine(Machine.Repository, "plugin-config");

    public static IEnumerable<TheoryDataRow<string>> Lists => Directory.EnumerateFiles(Path.Combine(Folder, "lists"), "*.conflist")
        .Select(path => new TheoryDataRow<string>(Path.GetFileName(path)));

    public static IEnumerable<TheoryDataRow<string>> EngineConfigs =>
        Directory.EnumerateFiles(Folder, "daemon*.json").Select(path => new TheoryDataRow<string>(path));

    [Theory]
    [Trait("Engine", "none")]
    [MemberData(nameof(Lists))]
    public async Task List_IsValid_AndInTheTable(string file)
    {
        Assert.StartsWith($"{Folder}/lists/{file}: ", await Lab.OkAsync($"{Lab.Cnid} validate {Folder}/lists/{file}"),
            StringComparison.Ordinal);
        Assert.Contains($"]({file})", await File.ReadAllTextAsync(
            Path.Combine(Folder, "lists/README.md"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Engine", "none")]
    public async Task Lists_TogetherInOneFolder_AreValid() => await Lab.OkAsync($"{Lab.Cnid} validate {Folder}/lists");

    [Theory]
    [InlineData("podnet", "podnet0", "ping -c1 -W3 203.0.113.2")]
    [InlineData("dual-stack", "dual0", "sh -c 'ping -c1 -W3 203.0.113.2 && ping -6 -c1 -W3 2001:db8:ffff::2'")]
    [InlineData("ptp", "", "ping -c1 -W3 203.0.113.2")]
    [InlineData("policy-routed", "storage0", "ping -c1 -W3 -I 10.25.0.2 10.25.0.1")]
    public async Task List_AsItIs_CarriesAContainer(string file, string bridge, string traffic)
    {
        var name = await ImportAsync(file);
        await Lab.DockerAsync($"run -d --name server --network {name} lab sleep 600");
        // before Docker 28 rules come after the start
        await Lab.EventuallyAsync(traffic, async () => (await Lab.RunAsync($"docker exec server {traffic}")).Status == 0);
        await RemoveAsync(name, bridge);
    }

    [Theory]
    [InlineData("podnet", "podnet0")]
    [InlineData("dual-stack", "dual0")]
    [InlineData("ptp", "")]
    public async Task List_ByTheBuiltIns_PublishesPortsToOtherHosts(string file, string bridge)
    {
        await Lab.RestartCnidAsync("CNID_BUILTIN=always");
        var name = await ImportAsync(file);
        await Lab.DockerAsync($"run -d --name server --network {name} -p 8080:80 lab httpd -f -h /www");
        await Lab.EventuallyAsync("the port answers", async () =>
            (await Lab.InternetAsync("curl -s -m3 http://203.0.113.1:8080/")).Output.Contains("hello", StringComparison.Ordinal));
        await RemoveAsync(name, bridge);
        await Lab.RestartCnidAsync();
    }

    [Theory]
    [InlineData("podnet", "podnet0")]
    [InlineData("ptp", "")]
    public async Task A7_List_ByExecutables_PublishesPortsToOtherHosts(string file, string bridge)
    {
        var name = await ImportAsync(file);
        await Lab.DockerAsync($"run -d --name server --network {name} -p 8080:80 lab httpd -f -h /www");
        await Lab.EventuallyAsync("the port answers", async () =>
            (await Lab.InternetAsync("curl -s -m3 http://203.0.113.1:8080/")).Output.Contains("hello", StringComparison.Ordinal));
        await RemoveAsync(name, bridge);
    }

    private async Task<string> ImportAsync(string file)
    {
        var name = (await Lab.OkAsync($"cp {Folder}/lists/{file}.conflist /etc/cni/net.d/; sed -n 's/^  \"name\": \"\\(.*\\)\",/\\1/p' "
            + $"/etc/cni/net.d/{file}.conflist")).Trim();
        await Lab.OkAsync($"{Lab.Cnid} network import {name}");
        return name;
    }

    private Task<string> RemoveAsync(string name, string bridge) =>
        Lab.OkAsync($"docker rm -f server; docker network rm {name}; rm -rf /var/lib/cni/networks/{name}; ip link delete "
            + $"{(bridge.Length > 0 ? bridge : "none")} 2> /dev/null; true");

    [Theory]
    [MemberData(nameof(EngineConfigs))]
    public async Task EngineConfig_IsOneThatTheEngineTakes(string path)
    {
        await Lab.OkAsync($"python3 -m json.tool {path}");
        Assert.SkipUnless((await Lab.RunAsync("dockerd --help")).Output.Contains("--validate", StringComparison.Ordinal),
            "this engine cannot say so without being started");
        await Lab.OkAsync($"dockerd --validate --config-file {path}");
    }
}
