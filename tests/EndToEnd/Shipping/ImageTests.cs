using System.Globalization;
using EndToEnd.Host;

namespace EndToEnd.Shipping;

/// <summary>The image and the Compose files, on a clean machine; the base is made there, not pulled.</summary>
[Trait("Engine", "none")]
public sealed class ImageTests(Machine machine) : IClassFixture<Machine>, IAsyncLifetime
{
    private const string ByPort = "exec 3<> /dev/tcp/127.0.0.1/8088 && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && tail -n 1 <&3";
    private const string Hello = "hello over CNI";

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Machine.CannotRun is not null, Machine.CannotRun ?? "");
        File.Copy(Path.Combine(Machine.Repository, "packaging/smoke.sh"), Path.Combine(machine.Shared, "smoke.sh"), overwrite: true);
        await machine.MakeTestImageAsync();
        if ((await machine.RunAsync("docker image inspect cnid")).Status == 0)
            return;
        // What debootstrap of the page's first line would make again; without the engine, which no image needs.
        await machine.InTreeAsync(CommandPages.Commands("image: base",
            ("debootstrap --variant=minbase --include=iptables,nftables,containernetworking-plugins bookworm base", ":"),
            ("-C base -c .", "-C artifacts/debian --exclude=./usr/*bin/dockerd --exclude=./usr/bin/containerd* --exclude=./var/cache "
                + "--exclude=./var/lib/apt -c .")));
        // The published file has to be in the build's context, wherever the one under test is.
        await machine.InTreeAsync(
            $"mkdir -p artifacts/publish; [ {Lab.Cnid} -ef artifacts/publish/cnid ] || cp {Lab.Cnid} artifacts/publish/cnid");
        await machine.InTreeAsync(CommandPages.Commands("image: build without a network"));
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Machine.CannotRun is null)
            await machine.RunAsync("docker rm -f $(docker ps -aq); docker network prune -f; find /var/lib/cnid -name '*.json' -delete");
    }

    [Fact]
    public async Task Image_IsSmall_AndHasNoShell()
    {
        var size = long.Parse(await machine.OkAsync("docker image inspect -f '{{.Size}}' cnid"), CultureInfo.InvariantCulture);
        var file = new FileInfo(Lab.Cnid).Length;
        Console.Out.WriteLine($"the image has {size / 1_000_000} MB, cnid {file / 1_000_000} of them");
        Assert.InRange(size, 1, 100_000_000);
        Assert.InRange(file, 1, 30_000_000);
        Assert.NotEqual(0, (await machine.RunAsync("docker run --rm --network none --entrypoint sh cnid -c true")).Status);
        Assert.Contains("serve", await machine.OkAsync("docker run --rm --network none cnid --help"), StringComparison.Ordinal);
        Assert.Equal("cnid", await LabelAsync("title"));
        Assert.Equal(await machine.OkAsync("docker run --rm --network none cnid --version"), await LabelAsync("version"));

        Task<string> LabelAsync(string name) =>
            machine.OkAsync($"docker image inspect -f '{{{{index .Config.Labels \"org.opencontainers.image.{name}\"}}}}' cnid");
    }

    [Fact]
    public async Task Container_ThatMayNotWriteToProcSys_EndsWithOneLine()
    {
        var said = await machine.RunAsync("docker run --rm --network none --cap-drop ALL cnid serve");
        Assert.NotEqual(0, said.Status);
        Assert.Contains("/proc/sys is read-only here", Assert.Single(said.Text.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Container_IsHealthy_PassesTheSmokeTest_AndIsReplacedWhileOthersRun()
    {
        await machine.InTreeAsync(CommandPages.Commands("image: run"));
        await HealthyAsync("cnid");
        Assert.Contains("and nothing left", await machine.OkAsync("/shared/smoke.sh"), StringComparison.Ordinal);

        await machine.OkAsync("docker network create -d cni web && docker run -d --name www --network web cnid-test sh -c 'mkdir /www; "
            + "echo hello > /www/index.html; exec httpd -f -h /www'");
        await machine.InTreeAsync(CommandPages.Commands("image: replace") + CommandPages.Commands("image: run"));
        await HealthyAsync("cnid");
        Assert.Equal("hello", await machine.OkAsync("docker run --rm --network web cnid-test wget -qO- http://www/"));
        Assert.Equal("hello", await machine.OkAsync(
            "docker restart -t 0 www > /dev/null && docker run --rm --network web cnid-test wget -qO- http://www/"));
        await machine.OkAsync("docker rm -f www && docker network rm web");
        await machine.InTreeAsync(CommandPages.Commands("image: replace"));
        Assert.Equal("", await LeftAsync());
    }

    [Fact]
    public async Task Compose_IsClean_BringsUpTheDriver_AndThenTheDemo()
    {
        Assert.Equal("", await ComposeAsync(
            "docker-compose config -q && docker-compose -f docker-compose.yml -f docker-compose.demo.yml --profile demo config -q"));
        await ComposeAsync(CommandPages.Commands("compose: up"));
        await HealthyAsync("cnid_cnid_1");
        Assert.Equal("false", await machine.OkAsync("docker inspect -f '{{.HostConfig.Privileged}}' cnid_cnid_1"));
        Assert.Contains("and nothing left", await machine.OkAsync("/shared/smoke.sh"), StringComparison.Ordinal);

        Assert.EndsWith(Hello, await ComposeAsync(CommandPages.Commands("compose: demo")), StringComparison.Ordinal);
        Assert.Equal(Hello, await machine.OkAsync(ByPort));

        await machine.OkAsync("docker tag cnid cnid:0.1.1");
        var before = await machine.OkAsync("docker inspect -f '{{.Id}}' cnid_cnid_1");
        await ComposeAsync(CommandPages.Commands("compose: upgrade"));
        Assert.NotEqual(before, await machine.OkAsync("docker inspect -f '{{.Id}}' cnid_cnid_1"));
        await HealthyAsync("cnid_cnid_1");
        await machine.OkAsync("docker restart -t 0 cnid_client_1");
        Assert.Equal(Hello, await machine.OkAsync("docker exec cnid_client_1 wget -qO- http://server/"));

        await ComposeAsync(CommandPages.Commands("compose: remove"));
        Assert.Equal("", await LeftAsync());
        Assert.Equal("", await machine.OkAsync("docker ps -aq; docker network ls -q -f driver=cni"));
    }

    [Fact]
    public async Task EngineThatStartsAgain_BringsBackTheDriver_AndItsContainers()
    {
        await ComposeAsync(CommandPages.Commands("compose: up"));
        await HealthyAsync("cnid_cnid_1");
        await ComposeAsync(CommandPages.Commands("compose: demo"));
        await machine.OkAsync("systemctl restart docker");
        await Lab.EventuallyAsync("the demonstration is back", async () =>
            (await machine.RunAsync("docker exec cnid_client_1 wget -qO- http://server/")).Output.Trim() == Hello, seconds: 90);
        Assert.Equal(Hello, await machine.OkAsync(ByPort));
        await ComposeAsync(CommandPages.Commands("compose: remove"));
        Assert.Equal("", await LeftAsync());
    }

    private Task HealthyAsync(string container) =>
        Lab.EventuallyAsync("the health check says so", async () =>
            (await machine.OkAsync("docker inspect -f '{{.State.Health.Status}}' " + container)) == "healthy", seconds: 60);

    /// <summary>What a driver that has gone left on the machine.</summary>
    private Task<string> LeftAsync() => machine.OkAsync("find /run/cnid/netns -type f 2> /dev/null; find /var/lib/cnid -name '*.json'; "
        + "ls /sys/class/net | grep -E '^(cni|veth)'; true");

    private Task<string> ComposeAsync(string commands) =>
        machine.InTreeAsync($"export COMPOSE_PROJECT_NAME=cnid DEMO_IMAGE=cnid-test\n{commands}");
}
