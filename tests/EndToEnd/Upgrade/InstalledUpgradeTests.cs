using EndToEnd.Host;
using EndToEnd.Shipping;

namespace EndToEnd.Upgrade;

/// <summary>
/// cnid 0.1 is on a clean machine by its own package, script or image. The present one takes its place, 0.1 comes back, and it goes
/// again, as the page says, while a container serves.
/// </summary>
[Trait("Engine", "none")]
public sealed class InstalledUpgradeTests(Machine machine) : IClassFixture<Machine>, IAsyncLifetime
{
    private const string Run = "docker run -d --network web -v /shared/udpecho:/bin/udpecho";
    private const string Serve = "cnid-test sh -c 'mkdir /www; echo hello > /www/index.html; udpecho 7 & "
        + "busybox nc -ll -p 7 -e busybox cat & exec httpd -f -h /www'";
    private const string Client = "docker run --rm --network web cnid-test wget -qO- http://moved/";

    private string tree = "";

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Machine.CannotRun is not null, Machine.CannotRun ?? "");
        tree = await Release01.TreeAsync();
        await machine.InTreeAsync($"gcc -static -O2 -o {machine.Shared}/udpecho tests/EndToEnd/Host/udpecho.c");
        await machine.MakeTestImageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (tree.Length > 0)
            await machine.RunAsync("docker rm -f www moved; docker network prune -f; docker rm -f $(docker ps -aq); dpkg -P cnid; "
                + "bash /shared/now/packaging/uninstall.sh --purge; find /var/lib/cnid -name '*.json' -delete");
    }

    [Fact]
    public async Task Package_IsUpgradedAndRolledBack_WhileAContainerServes()
    {
        await machine.InTreeAsync($"cd {tree} && cp $(packaging/deb.sh artifacts/publish/cnid 0.1.0) {machine.Shared}/earlier.deb");
        await machine.InTreeAsync($"cp $(packaging/deb.sh {Lab.Cnid} 0.2.0) {machine.Shared}/now.deb");
        await GoesAsync(() => InstallAsync("earlier"), () => InstallAsync("now"), () => InstallAsync("earlier"));
        await machine.OkAsync("dpkg -P cnid");
        Assert.Equal("", await LeftAsync());

        Task<string> InstallAsync(string package) => machine.OkAsync(
            CommandPages.Commands("deb: install", ("artifacts/cnid_0.1.0_amd64.deb", $"/shared/{package}.deb")));
    }

    [Fact]
    public async Task Script_UpgradesAndRollsBack_WhileAContainerServes()
    {
        await machine.InTreeAsync($"""
            for to in {machine.Shared}/earlier {machine.Shared}/now; do mkdir -p $to/artifacts/publish; done
            cp -r packaging plugin-config {machine.Shared}/now/ && cp {Lab.Cnid} {machine.Shared}/now/artifacts/publish/
            cd {tree} && cp -r packaging plugin-config {machine.Shared}/earlier/
            cp artifacts/publish/cnid {machine.Shared}/earlier/artifacts/publish/
            """);
        await GoesAsync(
            () => machine.OkAsync("cd /shared/earlier && packaging/install.sh"),
            () => machine.OkAsync("cd /shared/now;" + CommandPages.Commands("script: install")),
            () => machine.OkAsync("cd /shared/now;" + CommandPages.Commands("script: install a file",
                ("old/cnid", "/shared/earlier/artifacts/publish/cnid"))));
        await machine.OkAsync("cd /shared/now;" + CommandPages.Commands("script: purge"));
        Assert.Equal("", await LeftAsync());
    }

    [Fact]
    public async Task Compose_UpgradesAndRollsBack_WhileAContainerServes()
    {
        await MakeImagesAsync();
        await GoesAsync(
            () => machine.InTreeAsync($"cd {tree}; export COMPOSE_PROJECT_NAME=cnid CNID_IMAGE=cnid:0.1.0; docker-compose up -d cnid"),
            () => ComposeAsync("cnid:0.2.0"),
            () => ComposeAsync("cnid:0.1.0"));
        await machine.OkAsync("docker rm -f cnid_cnid_1");
        Assert.Equal("", await LeftAsync());

        Task<string> ComposeAsync(string image) => machine.InTreeAsync(
            "export COMPOSE_PROJECT_NAME=cnid\n" + CommandPages.Commands("compose: upgrade", ("cnid:0.1.1", image)));
    }

    // 0.1, the present one, 0.1 and the present one again, each in the place of the one before.
    private async Task GoesAsync(Func<Task> earlier, Func<Task> now, Func<Task> back)
    {
        await earlier();
        await AnswersAsync();
        await machine.OkAsync($"""
            docker network create -d cni web && docker network create -d cni spare
            {Run} --name www -p 7001:7 -p 7001:7/udp {Serve} && {Run} --name moved -p 8080:80 {Serve}
            """);
        var address = await machine.OkAsync("docker inspect -f '{{.NetworkSettings.Networks.web.IPAddress}}' www");
        await using var flows = await Flows.StartAsync(machine,
            [.. Flows.Both("by its port", "172.17.0.1", 7001), .. Flows.Both("by its address", address, 7)]);
        await TakesOverAsync();
        foreach (var step in (Func<Task>[])[now, back, now])
        {
            await step();
            await AnswersAsync();
            await TakesOverAsync();
        }
        Console.Out.WriteLine($"upgrade where it was installed: {await Flows.UnbrokenAsync([flows])}");
        await machine.OkAsync("docker rm -f www moved && docker network rm web spare");
    }

    private Task AnswersAsync() => Lab.EventuallyAsync("the driver answers", async () => (await machine.RunAsync(
        "docker network create -d cni probe && docker network rm probe")).Status == 0, seconds: 60);

    private async Task TakesOverAsync()
    {
        Assert.Equal("hello", await machine.OkAsync(Client));
        Assert.Equal("hello", await machine.OkAsync($"docker restart -t 0 moved > /dev/null && {Client}"));
        await machine.OkAsync("docker network rm spare && docker network create -d cni spare && "
            + "docker run --rm --network spare cnid-test sh -c :");
    }

    private async Task MakeImagesAsync()
    {
        await machine.InTreeAsync(CommandPages.Commands("image: base",
            ("debootstrap --variant=minbase --include=iptables,nftables,containernetworking-plugins bookworm base", ":"),
            ("-C base -c .", "-C artifacts/debian --exclude=./usr/*bin/dockerd --exclude=./usr/bin/containerd* --exclude=./var/cache "
                + "--exclude=./var/lib/apt -c .")));
        await machine.InTreeAsync(
            $"mkdir -p artifacts/publish; [ {Lab.Cnid} -ef artifacts/publish/cnid ] || cp {Lab.Cnid} artifacts/publish/cnid");
        foreach (var (folder, version) in new[] { (tree, "0.1.0"), (Machine.Repository, "0.2.0") })
            await machine.InTreeAsync($"cd {folder}; "
                + CommandPages.Commands("image: build without a network", ("build -t cnid ", $"build -t cnid:{version} ")));
    }

    private Task<string> LeftAsync() => machine.OkAsync("find /run/cnid/netns /var/lib/cnid -type f 2> /dev/null; "
        + "nft list tables | grep cnid; iptables-save | grep CNID; ls /sys/class/net | grep -E '^(cni|veth)'; true");
}
