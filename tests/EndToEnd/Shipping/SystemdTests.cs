using System.Globalization;
using EndToEnd.Host;

namespace EndToEnd.Shipping;

/// <summary>The units, the package and install.sh on a clean machine, whose first process is systemd.</summary>
[Trait("Engine", "none")]
public sealed class SystemdTests(Machine machine) : IClassFixture<Machine>, IAsyncLifetime
{
    private const string Server = "docker run -d --name www --network web -p 8080:80 cnid-test sh -c 'mkdir -p /www; echo hello > "
        + "/www/index.html; exec httpd -f -h /www'";
    private const string Client = "docker run --rm --network web cnid-test wget -qO- http://www/";

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Machine.CannotRun is not null, Machine.CannotRun ?? "");
        await machine.InTreeAsync($"mkdir -p {machine.Shared}/tree/artifacts/publish && cp -r packaging plugin-config "
            + $"{machine.Shared}/tree/ && cp --remove-destination {Lab.Cnid} {machine.Shared}/tree/artifacts/publish/"); // one may run yet
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Machine.CannotRun is null)
            await machine.RunAsync(
                "docker rm -f $(docker ps -aq); docker network prune -f; dpkg -P cnid; bash /shared/tree/packaging/uninstall.sh --purge");
    }

    [Fact]
    public async Task Package_IsInstalled_Upgraded_Removed_AndPurged()
    {
        var first = await PackageAsync("0.1.0");
        var second = await PackageAsync("0.1.1");
        await InstallAsync(first);
        Assert.Equal("active\nactive\nactive", await machine.OkAsync("systemctl is-active cnid.service cnid.socket cnid-dhcp.socket"));
        Assert.Contains("and nothing left", await DoAsync("smoke"), StringComparison.Ordinal);

        await machine.MakeTestImageAsync();
        await machine.OkAsync($"docker network create -d cni web && {Server}");
        var pid = await machine.OkAsync("systemctl show -P MainPID cnid");
        await InstallAsync(second);
        Assert.NotEqual(pid, await machine.OkAsync("systemctl show -P MainPID cnid"));
        Assert.Equal("hello", await machine.OkAsync(Client));
        Assert.Equal("hello", await machine.OkAsync("docker restart -t 0 www > /dev/null && " + Client));
        // Back again: a package of before reads the state of a later one.
        await InstallAsync(first);
        Assert.Equal("hello", await machine.OkAsync(Client));

        var said = await machine.RunAsync(CommandPages.Commands("deb: remove"));
        Assert.Contains("networks of driver cni are left", said.Text, StringComparison.Ordinal);
        Assert.Equal("hello", await machine.OkAsync(
            "exec 3<> /dev/tcp/127.0.0.1/8080 && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && tail -n 1 <&3"));
        await machine.OkAsync("! test -e /run/docker/plugins/cni.sock && test -d /var/lib/cnid");
        Assert.Contains("web", await DoAsync("left"), StringComparison.Ordinal);

        await InstallAsync(first);
        await machine.OkAsync("docker rm -f www && docker network rm web");
        await DoAsync("deb: purge");
        Assert.Equal("", await machine.OkAsync("find / -xdev \\( -path /proc -o -path /var/lib/dpkg -o -path /shared \\) -prune -o -name "
            + "'*cnid*' -print; ls /var/lib/cnid /run/cnid 2> /dev/null; systemctl list-unit-files -q 'cnid*'; true"));
    }

    [Fact]
    public async Task Package_HasTheVersionOfItsFile_AndIsOlderThanTheRelease()
    {
        var version = await machine.InTreeAsync($"{Lab.Cnid} --version");
        var package = await machine.InTreeAsync(CommandPages.Commands("deb: make", ("packaging/deb.sh", $"packaging/deb.sh {Lab.Cnid}")));
        Assert.Equal(version.Replace('-', '~'), await machine.InTreeAsync($"dpkg-deb -f {package} Version"));
        if (version.Contains('-', StringComparison.Ordinal))
            await machine.InTreeAsync($"dpkg --compare-versions {version.Replace('-', '~')} lt {version[..version.IndexOf('-')]}");
        File.Delete(Path.Combine(Machine.Repository, package));
    }

    [Fact]
    public async Task InstallScript_IsRightToRepeat_AndUninstallTakesAllAway()
    {
        await DoAsync("script: install");
        await DoAsync("script: install");
        Assert.Contains("and nothing left", await DoAsync("smoke"), StringComparison.Ordinal);
        await machine.OkAsync("docker network create -d cni web");
        await DoAsync("script: install a file", ("old/cnid", "artifacts/publish/cnid"));
        await DoAsync("script: remove");
        await machine.OkAsync("! test -e /usr/local/bin/cnid && ls /var/lib/cnid/networks/*.json");
        await DoAsync("script: install");
        await machine.OkAsync("docker network rm web");
        await DoAsync("script: purge");
        await DoAsync("script: purge");
        Assert.Equal("", await machine.OkAsync(
            "find /etc /usr /lib/systemd /run -xdev -name '*cnid*'; ls /var/lib/cnid 2> /dev/null; true"));
    }

    [Fact]
    public async Task Units_AreClean_AndOrderedBeforeTheEngine()
    {
        await machine.OkAsync($"dpkg -i /shared/{await PackageAsync("0.1.0")}");
        var said = await machine.RunAsync("systemd-analyze verify cnid.service cnid.socket cnid-dhcp.service cnid-dhcp.socket");
        Assert.Equal((0, ""), (said.Status, said.Text));
        Assert.Contains("docker.service", await machine.OkAsync("systemctl show -P Before cnid.service cnid.socket"),
            StringComparison.Ordinal);
        Assert.Equal("600", await machine.OkAsync("stat -c %a /run/docker/plugins/cni.sock"));
    }

    [Fact]
    public async Task CallOfDockers_WhileCnidIsDown_StartsIt_AndIsAnswered()
    {
        await machine.OkAsync(
            $"dpkg -i /shared/{await PackageAsync("0.1.0")} && systemctl stop cnid.service && systemctl is-active cnid.socket");
        await machine.OkAsync("docker network create -d cni web && docker network rm web && systemctl is-active cnid.service");

        var pid = await machine.OkAsync("systemctl show -P MainPID cnid");
        await machine.OkAsync($"kill -KILL {pid}; docker network create -d cni web && docker network rm web");
        Assert.NotEqual(pid, await machine.OkAsync("systemctl show -P MainPID cnid"));
    }

    [Fact]
    public async Task Reboot_StartsTheContainersAgain_OnTheirNetworks()
    {
        await machine.OkAsync($"dpkg -i /shared/{await PackageAsync("0.1.0")}");
        await machine.MakeTestImageAsync();
        await machine.OkAsync(
            $"docker network create -d cni web && {Server.Replace("run -d", "run -d --restart always", StringComparison.Ordinal)}");
        // As far as a machine without a kernel of its own can go: all units down in their order, and up again.
        await machine.OkAsync("systemctl isolate rescue.target; systemctl default; systemctl start docker");
        await Lab.EventuallyAsync("the container serves", async () => (await machine.RunAsync(Client)).Output.Trim() == "hello");
    }

    [Fact]
    public async Task Daemon_AtRest_HoldsLessThan40MiB()
    {
        await machine.OkAsync(
            $"dpkg -i /shared/{await PackageAsync("0.1.0")} && docker network create -d cni web && docker network rm web");
        // What starting and answering left behind is given back in the first quiet seconds.
        var held = 0;
        await Lab.EventuallyAsync("cnid holds no more than 40 MiB", async () => (held = await ResidentAsync()) <= 40 * 1024);
        await DoAsync("smoke");
        Console.Out.WriteLine($"cnid at rest: {held} kB resident; just after containers came and went: {await ResidentAsync()} kB");
    }

    [Fact]
    public async Task DhcpPlugin_GetsItsLease_ByTheDaemonOfTheUnits()
    {
        await machine.OkAsync($"dpkg -i /shared/{await PackageAsync("0.1.0")}");
        await machine.MakeTestImageAsync();
        await machine.OkAsync("""
            ip link add lan0 type bridge && ip address add 10.66.0.1/24 dev lan0 && ip link set lan0 up
            printf 'start 10.66.0.100\nend 10.66.0.110\ninterface lan0\n' > /run/udhcpd.conf
            printf 'lease_file /run/leases\npidfile /run/udhcpd.pid\n' >> /run/udhcpd.conf
            printf 'option subnet 255.255.255.0\noption router 10.66.0.1\n' >> /run/udhcpd.conf
            touch /run/leases; busybox udhcpd /run/udhcpd.conf
            echo '{"cniVersion":"1.0.0","name":"lan","plugins":[{"type":"bridge","bridge":"lan0",
             "ipam":{"type":"dhcp"}}]}' > /etc/cni/net.d/lan.conflist
            docker network create -d cni --ipam-driver null -o cni.network=lan lan
            """);
        Assert.Contains("10.66.0.1", await machine.OkAsync("docker run --rm --network lan cnid-test ip address show eth0"),
            StringComparison.Ordinal);
        Assert.Equal("active", await machine.OkAsync("systemctl is-active cnid-dhcp.service"));

        await machine.OkAsync("docker run -d --network lan cnid-test sleep 600 && systemctl restart cnid-dhcp.service && docker run --rm "
            + "--network lan cnid-test sh -c : && docker rm -f $(docker ps -q)");
        // no other one beside it
        Assert.Equal("active 1", await machine.OkAsync("echo $(systemctl is-active cnid-dhcp.service) $(pgrep -c -x dhcp)"));
        await machine.OkAsync(
            "systemctl stop cnid-dhcp.service && test $(systemctl is-failed cnid-dhcp.service) = inactive && test -S /run/cni/dhcp.sock");
        await machine.OkAsync("kill $(cat /run/udhcpd.pid); docker network rm lan; rm /etc/cni/net.d/lan.conflist; ip link delete lan0");
    }

    [Fact]
    public async Task ByHand_PassesTheSmokeTest()
    {
        await machine.OkAsync($"cd /shared/tree; ({CommandPages.Commands("by hand")}) > /shared/by-hand.log 2>&1 < /dev/null & exit 0");
        await Lab.EventuallyAsync("it answers", async () =>
            (await machine.RunAsync("/shared/tree/artifacts/publish/cnid health")).Status == 0);
        Assert.Contains("and nothing left", await DoAsync("smoke"), StringComparison.Ordinal);
        await machine.OkAsync("pkill -x cnid");
    }

    private Task<string> DoAsync(string block, params (string Word, string Instead)[] instead) =>
        machine.OkAsync("cd /shared/tree; " + CommandPages.Commands(block, instead));

    private Task<string> InstallAsync(string package) => DoAsync("deb: install", ("artifacts/cnid_0.1.0_amd64.deb", "/shared/" + package));

    private async Task<int> ResidentAsync() => int.Parse(
        (await machine.OkAsync("grep VmRSS /proc/$(systemctl show -P MainPID cnid)/status"))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);

    private async Task<string> PackageAsync(string version)
    {
        var package = $"cnid_{version}_amd64.deb";
        if (File.Exists(Path.Combine(machine.Shared, package)))
            return package;
        var made = await machine.InTreeAsync(
            CommandPages.Commands("deb: make", ("packaging/deb.sh", $"packaging/deb.sh {Lab.Cnid} {version}")));
        File.Copy(Path.Combine(Machine.Repository, made), Path.Combine(machine.Shared, package), overwrite: true);
        return package;
    }
}
