using EndToEnd.Host;

namespace EndToEnd;

/// <summary>Containers of <c>--network none</c> with labels, in the lab.</summary>
public abstract class NoneNetworkTest(Lab lab) : LabTest(lab)
{
    protected const string Bridge =
        """{"type":"bridge","bridge":"pods0","isGateway":true,"ipMasq":true,"ipam":{"type":"host-local","ranges":[["""
            + """{"subnet":"10.77.0.0/24"}]],"routes":[{"dst":"0.0.0.0/0"}]},"capabilities":{"ips":true,"mac":true}}""";

    protected static readonly string DualStack = Bridge
        .Replace("\"10.77.0.0/24\"}]]", "\"10.77.0.0/24\"}],[{\"subnet\":\"fd77::/64\"}]]", StringComparison.Ordinal)
        .Replace("\"routes\":[", "\"routes\":[{\"dst\":\"::/0\"},", StringComparison.Ordinal);

    protected Task ListAsync(string name, string plugins, string version = "1.0.0") =>
        Lab.OkAsync(
            $"cat > /etc/cni/net.d/{name}.conflist <<'E'\n{{\"cniVersion\":\"{version}\",\"name\":\"{name}\",\"plugins\":[{plugins}]}}\nE");

    /// <summary>Its first IPv4 address on an interface.</summary>
    protected async Task<string> AddressAsync(string name, string ifName = "eth0") =>
        System.Text.RegularExpressions.Regex.Match(await InAsync(name, $"ip -4 address show {ifName}"), "inet ([0-9.]+)/").Groups[1].Value;

    /// <summary>Starts a container that sleeps, and waits until it is attached. Answers its id.</summary>
    protected async Task<string> RunAsync(string name, string options, string command = "sleep 600")
    {
        var id = await Lab.DockerAsync($"run -d --name {name} --network none {options} lab {command}");
        await AttachedAsync(name);
        return id;
    }

    protected Task AttachedAsync(string name) =>
        Lab.EventuallyAsync($"{name} is attached", async () => (await PhaseAsync(name)) == "attached");

    protected async Task<string> PhaseAsync(string name) =>
        (await Lab.RunAsync($"{Lab.Cnid} attachments --json | python3 -c 'import json,sys; print(\" \".join(sorted({{a[\"phase\"] for a "
            + $"in json.load(sys.stdin) if a[\"name\"]==\"{name}\"}})))'")).Output.Trim() switch
        {
            "added" => "attached",
            var other => other
        };

    protected Task GoneAsync(string name) => Lab.EventuallyAsync($"{name} is detached", async () => await PhaseAsync(name) == "");

    /// <summary>Runs inside a container.</summary>
    protected Task<string> InAsync(string name, string command) => Lab.DockerAsync($"exec {name} {command}");

    /// <summary>A plugin that writes down each ADD and DEL, whose it was, and whether the interface was there.</summary>
    protected Task CounterAsync() => Lab.OkAsync("""
        rm -f /run/counted; cat > /opt/cni/bin/counter <<'E'
        #!/bin/sh
        case $CNI_COMMAND in VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}'; exit 0;; esac
        nsenter --net=$CNI_NETNS ip link show $CNI_IFNAME > /dev/null 2>&1 && there=with || there=without
        echo "$CNI_COMMAND $there $CNI_CONTAINERID" >> /run/counted
        [ $CNI_COMMAND = DEL ] || python3 -c 'import json,sys; print(json.dumps(json.load(sys.stdin)["prevResult"]))'
        E
        chmod +x /opt/cni/bin/counter
        """);

    /// <summary>What it has written: <c>ADD with</c>, <c>DEL with</c>, ...</summary>
    protected async Task<string[]> CountedAsync(string id) =>
        [.. (await Lab.OkAsync("cat /run/counted")).Split('\n').Where(line => line.EndsWith(id, StringComparison.Ordinal))
            .Select(line => line[..line.LastIndexOf(' ')])];

    protected Task RemoveBridgeAsync(string bridge = "pods0") => Lab.OkAsync($"ip link delete {bridge}");
}
