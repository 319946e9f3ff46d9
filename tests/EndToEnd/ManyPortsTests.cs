using System.Globalization;
using EndToEnd.Host;

namespace EndToEnd;

/// <summary>Published ports in number.</summary>
public sealed class ManyPortsTests(Lab lab) : LabTest(lab)
{
    private const int Each = 1250;

    [Fact]
    public async Task A1_FiveThousandPorts_OverFourContainers_Work_AndGo()
    {
        await Lab.DockerAsync("network create -d cni web");
        var containers = Enumerable.Range(0, 4).Select(number => (Name: $"many{number}", First: 21000 + number * Each)).ToList();
        foreach (var (name, first) in containers)
        {
            var range = string.Create(CultureInfo.InvariantCulture, $"{first}-{first + Each - 1}");
            // It listens on its first port, on one in the middle and on its last.
            await Lab.DockerAsync($"run -d --name {name} --network web -p {range}:{range} lab sh -c 'for port in {first} {first + 600} "
                + $"{first + Each - 1}; do httpd -h /www -p $port; done; exec sleep 600'");
        }
        foreach (var port in containers.SelectMany(one => new[] { one.First, one.First + 600, one.First + Each - 1 }))
            await ServesAsync(port);
        Assert.Contains("port is already allocated", await Lab.FailsAsync("docker run --rm --network web -p 25999:80 lab true"),
            StringComparison.Ordinal);
        Assert.Contains("0.0.0.0:21000-22249->21000-22249/tcp", Lab.CnidLog, StringComparison.Ordinal);
        Assert.DoesNotContain("21700->", Lab.CnidLog, StringComparison.Ordinal);
        Assert.Contains("publishes 0.0.0.0:24750-25999->24750-25999/tcp", await Lab.OkAsync($"COLUMNS=300 {Host.Lab.Cnid} attachments"),
            StringComparison.Ordinal);

        await Lab.RestartCnidAsync();
        await ServesAsync(25999);
        await Lab.DockerAsync("rm -f many0");
        await Lab.DockerAsync("run -d --name again --network web -p 21000:80 lab httpd -f -h /www");
        await ServesAsync(21000);
    }

    // 1,200 open files leave room for 900 ports.
    [Fact]
    public async Task A1_OutOfDescriptors_IsOneRefusal_AndNothingIsTaken()
    {
        await Lab.RestartCnidAsync("ulimit -n 1200;");
        await Lab.DockerAsync("network create -d cni web");
        await Lab.DockerAsync("run -d --network web -p 21000-21799:21000-21799 lab sleep 600");
        var before = await HeldAsync();

        var refusal = await Lab.FailsAsync("docker run --rm --network web -p 22000-22299:22000-22299 lab true");
        Assert.Contains("Bind for 0.0.0.0:22000-22299 failed: cnid holds a socket for each published port, 800 now, and its limit of "
            + "1200 open files allows 900", refusal, StringComparison.Ordinal);
        Assert.Contains("raise LimitNOFILE of cnid.service", refusal, StringComparison.Ordinal);
        Assert.Equal(before, await HeldAsync());
        await Lab.DockerAsync("run -d --network web -p 22000:80 lab httpd -f -h /www");
        await ServesAsync(22000);
        await Lab.RestartCnidAsync();
    }

    [Fact]
    public async Task A1_SoftLimitOfOpenFiles_IsRaisedToTheHardOne()
    {
        await Lab.RestartCnidAsync("ulimit -Sn 1024; ulimit -Hn 4096;");
        Assert.Equal("4096 4096", await Lab.OkAsync("awk '/open files/ {print $4, $5}' /proc/$(pgrep -x cnid)/limits"));
        await Lab.RestartCnidAsync();
    }

    private Task<string> HeldAsync() => Lab.OkAsync("ss -Hltnu | wc -l; nft list table inet cnid_ports | wc -l");

    private Task ServesAsync(int port) => Lab.EventuallyAsync(
        $"port {port} answers", async () => (await Lab.InternetAsync($"curl -s -m3 http://203.0.113.1:{port}/")).Text == "hello");
}
