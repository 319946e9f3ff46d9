using EndToEnd.Host;

namespace EndToEnd;

public sealed class PublishedPortTests(Lab lab) : LabTest(lab)
{
    [Fact]
    public async Task TcpPort_IsReachedFromEverywhere()
    {
        await Lab.DockerAsync("network create -d cni web");
        await Lab.DockerAsync("run -d --name server --network web -p 8080:80 lab httpd -f -h /www");
        await Lab.DockerAsync("run -d --name client --network web lab sleep 600");

        await ServesAsync("8080");
        Assert.Equal("hello", await Lab.OkAsync("curl -s -m3 http://203.0.113.1:8080/"));
        Assert.Equal("hello", await Lab.OkAsync("curl -s -m3 http://127.0.0.1:8080/"));
        Assert.Equal("hello", await Lab.DockerAsync("exec client wget -qO- http://203.0.113.1:8080/"));
        Assert.Equal("hello", await Lab.DockerAsync("exec server wget -qO- http://203.0.113.1:8080/"));
    }

    [Fact]
    public async Task UdpPort_IsReachedFromOutside()
    {
        await Lab.DockerAsync("network create -d cni web");
        await Lab.DockerAsync("run -d --name server --network web -p 5353:5353/udp lab udpecho 5353");

        await Lab.EventuallyAsync("an echo", async () =>
            (await Lab.InternetAsync(
                "bash -c 'exec 3<>/dev/udp/203.0.113.1/5353; echo hello >&3; timeout 3 head -n1 <&3'")).Text == "hello");
    }

    [Fact]
    public async Task PortNotNamed_IsChosenAndLogged()
    {
        await Lab.DockerAsync("network create -d cni web");
        var id = await Lab.DockerAsync("run -d --network web -p 80 lab httpd -f -h /www");
        var port = System.Text.RegularExpressions.Regex.Match(Lab.CnidLog.Split('\n')
            .Last(line => line.Contains("published", StringComparison.Ordinal)), @"0\.0\.0\.0:(\d+)->80/tcp").Groups[1].Value;

        Assert.NotEmpty(id);
        await ServesAsync(port);
    }

    [Fact]
    public async Task PortRange_IsMappedOneToOne()
    {
        await Lab.DockerAsync("network create -d cni web");
        await Lab.DockerAsync("run -d --network web -p 7000-7001:80-81 lab sh -c 'httpd -h /www -p 81; httpd -f -h /www'");

        await ServesAsync("7000");
        await ServesAsync("7001");
    }

    [Fact]
    public async Task PortOfAnotherContainer_IsRefusedAsDockerRefusesIt()
    {
        await Lab.DockerAsync("network create -d cni web");
        await Lab.DockerAsync("run -d --network web -p 8080:80 lab sleep 600");
        var before = await Lab.OkAsync("ls /var/lib/cnid/attachments /var/lib/cnid/endpoints");

        Assert.Contains("Bind for 0.0.0.0:8080 failed: port is already allocated",
            await Lab.FailsAsync("docker run --rm --network web -p 8080:80 lab true"), StringComparison.Ordinal);
        Assert.Equal(before, await Lab.OkAsync("ls /var/lib/cnid/attachments /var/lib/cnid/endpoints"));
    }

    [Fact]
    public async Task PortOfAProcess_IsRefused_AndOursIsKeptFromProcesses()
    {
        await Lab.DockerAsync("network create -d cni web");
        await Lab.DockerAsync("run -d --network web -p 8080:80 lab sleep 600");

        Assert.Contains("in use", await Lab.FailsAsync("timeout 5 python3 -m http.server 8080 2>&1"), StringComparison.Ordinal);
        await Lab.OkAsync("(setsid python3 -m http.server 8081 > /dev/null 2>&1 &) ; for i in $(seq 50); do ss -Hltn sport = 8081 | grep "
            + "-q . && exit 0; sleep 0.1; done; exit 1");
        Assert.Contains(":8081", await Lab.FailsAsync("docker run --rm --network web -p 8081:80 lab true"), StringComparison.Ordinal);
        await Lab.OkAsync("pkill -f http.server");
    }

    // From the internet; the server inside may need a moment to listen.
    private Task ServesAsync(string port) => Lab.EventuallyAsync(
        $"port {port} answers", async () => (await Lab.InternetAsync($"curl -s -m3 http://203.0.113.1:{port}/")).Text == "hello");
}
