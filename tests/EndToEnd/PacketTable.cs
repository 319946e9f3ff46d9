using EndToEnd.Host;

namespace EndToEnd;

/// <summary>Who reaches the container <c>server</c> on the network <c>web</c>, whatever else rules the host's firewall.</summary>
internal static class PacketTable
{
    /// <summary>It reaches out; its neighbour, the host and the outside reach it; a container of Docker's own network does not.</summary>
    public static async Task AssertAsync(Lab lab)
    {
        await lab.DockerAsync("exec server ping -c1 -W3 203.0.113.2");
        var address = await lab.DockerAsync("inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' server");
        await lab.DockerAsync($"run --rm --network web lab ping -c1 -W3 {address}");
        await lab.OkAsync($"busybox ping -c1 -W3 {address} && curl -s -m3 http://203.0.113.1:8080/");
        Assert.Contains("hello", (await lab.InternetAsync("curl -s -m3 http://203.0.113.1:8080/")).Output, StringComparison.Ordinal);

        await lab.DockerAsync("network create other");
        await lab.DockerAsync("run -d --name stranger --network other lab sleep 600");
        await lab.FailsAsync($"docker exec stranger ping -c1 -W1 {address}");
        await lab.DockerAsync("rm -f stranger");
        await lab.DockerAsync("network rm other");
    }
}
