using EndToEnd.Host;

namespace EndToEnd;

/// <summary>Compose files of docs/none-network.md and docs/runtime-guarantee.md.</summary>
public sealed class NoneNetworkComposeTests(Lab lab) : NoneNetworkTest(lab)
{
    private const string Services = """
        version: "3"
        services:
          app:
            container_name: app-of-shop # Compose 1 and 2 make different names
            image: lab
            command: sleep 600
            network_mode: none
            labels: { cni.networks: podnet }
          sure:
            container_name: sure-of-shop
            image: lab
            command: sh -c 'ip -4 -o address show eth0 > /first; exec sleep 600'
            runtime: cni
            network_mode: none
            labels: { cni.networks: podnet }
          pod:
            container_name: pod-of-shop
            image: lab
            command: sleep 600
            network_mode: none
            labels:
              cni.networks: podnet,storage@eth5
              cni.ports: 8080:80/tcp
          web:
            image: lab
            command: httpd -f -h /www
            network_mode: service:pod
          sidecar:
            image: lab
            command: sleep 600
            network_mode: service:pod
        """;

    [Fact]
    public async Task LabelledServices_AndAPod_UpAndDown()
    {
        await ListAsync("podnet", Bridge + """,{"type":"portmap","capabilities":{"portMappings":true}},{"type":"firewall"}""");
        await ListAsync("storage", """{"type":"bridge","bridge":"pods1","ipam":{"type":"host-local","subnet":"10.78.0.0/24"}}""");
        var file = Path.Combine(Lab.Folder, "none-compose.yml");
        await File.WriteAllTextAsync(file, Services);
        await ComposeAsync("up -d");
        foreach (var name in new[] { "app", "sure", "pod" })
            await AttachedAsync($"{name}-of-shop");

        var address = await AddressAsync("pod-of-shop");
        Assert.Equal("hello", await ComposeAsync($"exec -T app wget -q -O- http://{address}/"));
        Assert.Contains("inet 10.77.0.", await ComposeAsync("exec -T sure cat /first"), StringComparison.Ordinal);
        Assert.Equal("hello", await ComposeAsync("exec -T sidecar wget -q -O- http://127.0.0.1/"));
        Assert.Contains("inet 10.78.0.", await ComposeAsync("exec -T sidecar ip -4 address show eth5"), StringComparison.Ordinal);
        Assert.Contains($"{address}\t", await ComposeAsync("exec -T web cat /etc/hosts"), StringComparison.Ordinal);
        Assert.Equal("hello", (await Lab.RunAsync("curl -s -m9 http://203.0.113.1:8080/")).Text);

        await ComposeAsync("down -t0");
        await Lab.EventuallyAsync("nothing is attached", async () => await Lab.OkAsync($"{Lab.Cnid} attachments --json") == "[]");
        await RemoveBridgeAsync();
        await RemoveBridgeAsync("pods1");

        Task<string> ComposeAsync(string arguments) => Lab.OkAsync($"docker-compose -p shop -f {file} {arguments}");
    }
}
