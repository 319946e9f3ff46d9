using EndToEnd.Host;

namespace EndToEnd;

public sealed class LifecycleTests(Lab lab) : LabTest(lab)
{
    [Fact]
    public async Task Restart_AttachesAnew()
    {
        await Lab.DockerAsync("network create -d cni web");
        await Lab.DockerAsync("run -d --name server --network web lab sleep 600");
        await Lab.DockerAsync("restart -t0 server");

        await Lab.DockerAsync("run --rm --network web lab ping -c1 -W3 server");
    }

    [Fact]
    public async Task KilledProcess_WithRestartAlways_ComesBackAttached()
    {
        await Lab.DockerAsync("network create -d cni web");
        await Lab.DockerAsync("run -d --name server --restart=always --network web lab sleep 600");
        await Lab.OkAsync("kill -9 $(docker inspect -f '{{.State.Pid}}' server)");
        await Lab.EventuallyAsync("it runs again", async () =>
            (await Lab.RunAsync("docker exec server ping -c1 -W3 203.0.113.2")).Status == 0);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("KILL")]
    public async Task CnidRestarted_TrafficGoesOn_AndStopCleansUp(string signal)
    {
        await Lab.DockerAsync("network create -d cni web");
        await Lab.DockerAsync("run -d --name server --network web -p 8080:80 lab httpd -f -h /www");
        await Lab.StopCnidAsync(signal);
        await Lab.EventuallyAsync("the server answers", async () =>
            (await Lab.InternetAsync("curl -s -m3 http://203.0.113.1:8080/")).Text == "hello");

        await Lab.StartCnidAsync();
        await Lab.DockerAsync("run --rm --network web lab ping -c1 -W3 server");
        Assert.Contains("8080", await Lab.FailsAsync("docker run --rm --network web -p 8080:80 lab true"), StringComparison.Ordinal);
        await Lab.DockerAsync("rm -f server");
    }

    [Theory]
    [InlineData("TERM", "")]
    [InlineData("KILL", "")]
    [InlineData("TERM", "--live-restore")]
    public async Task EngineRestarted_NetworksStay_AndNothingIsLeft(string signal, string arguments)
    {
        if (arguments.Length > 0)
            await Lab.RestartEngineAsync("TERM", arguments);
        await Lab.DockerAsync("network create -d cni web");
        await Lab.DockerAsync("run -d --name server --restart=always --network web -p 8080:80 lab httpd -f -h /www");
        await Lab.RestartEngineAsync(signal, arguments);

        await Lab.EventuallyAsync("the server is back", async () =>
            (await Lab.InternetAsync("curl -s -m3 http://203.0.113.1:8080/")).Text == "hello");
        await Lab.DockerAsync("run --rm --network web lab ping -c1 -W3 server");
        if (arguments.Length > 0)
            await Lab.DockerAsync("rm -f server");
        if (arguments.Length > 0)
            await Lab.RestartEngineAsync("TERM");
    }

    [Fact]
    public async Task NetworkRemovedWhileCnidIsDown_IsForgotten()
    {
        await Lab.DockerAsync("network create -d cni web");
        await Lab.DockerAsync("run --rm --network web lab true");
        var id = await Lab.DockerAsync("network inspect -f '{{.Id}}' web");
        var bridge = "cni-" + id[..11];
        await Lab.EventuallyAsync("it was seen with its engine", async () =>
            (await Lab.RunAsync($"grep -q '\"engine\"' /var/lib/cnid/networks/{id}.json")).Status == 0);
        await Lab.StopCnidAsync("KILL");
        await Lab.RunAsync("docker network rm web");
        await Lab.OkAsync($"ip link show {bridge}");

        await Lab.StartCnidAsync();
        await Lab.EventuallyAsync("the bridge has gone", async () =>
            (await Lab.RunAsync($"ip link show {bridge}")).Status != 0, seconds: 90);
        await Lab.EventuallyAsync("it is forgotten", async () => await Lab.OkAsync("ls /var/lib/cnid/networks") == "");
    }

    [Fact]
    public async Task StateOnAFullDisk_ContainersGoAllTheSame_AndNewOnesSayWhy()
    {
        await Lab.DockerAsync("network create -d cni web");
        await Lab.DockerAsync("run -d --name server --network web -p 8080:80 lab httpd -f -h /www");
        await Lab.OkAsync("mount -o remount,size=256k /var/lib/cnid; dd if=/dev/zero of=/var/lib/cnid/filler bs=1k 2> /dev/null; true");

        Assert.Contains("No space left on device", await Lab.FailsAsync("docker run --rm --network web -p 8081:80 lab true"),
            StringComparison.Ordinal);
        Assert.Contains("/var/lib/cnid cannot be written: No space left on device", (await Lab.RunAsync($"{Host.Lab.Cnid} doctor")).Output,
            StringComparison.Ordinal);
        await Lab.DockerAsync("rm -f server");
        Assert.Equal("[]", await Lab.OkAsync($"{Host.Lab.Cnid} attachments --json"));

        await Lab.OkAsync("rm /var/lib/cnid/filler; mount -o remount,size=50% /var/lib/cnid");
        await Lab.DockerAsync("run --rm --network web -p 8080:80 -p 8081:80 lab true");
        await Lab.DockerAsync("network rm web");
    }
}
