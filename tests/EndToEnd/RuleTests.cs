using System.Text.RegularExpressions;
using EndToEnd.Host;

namespace EndToEnd;

/// <summary>
/// A6: the rules that should stand do stand, whoever has removed them, and behind whoever forbids. In a lab of its own: what is flushed
/// here is the engine's too, and does not come back as it was.
/// </summary>
public sealed class RuleTests(Lab lab) : IClassFixture<Lab>, IAsyncLifetime
{
    private const string List =
        """
        {"cniVersion":"1.0.0","name":"ours","plugins":[
          {"type":"bridge","bridge":"ours0","isGateway":true,"ipMasq":true,"macspoofchk":true,"ipam":{"type":"host-local",
           "subnet":"10.73.0.0/24","routes":[{"dst":"0.0.0.0/0"}]}},
          {"type":"portmap","capabilities":{"portMappings":true}},{"type":"firewall","ingressPolicy":"same-bridge"}]}
        """;

    // Without handles, counters and what Docker has; sets in whatever order the kernel has them.
    private const string OurRules =
        """
        for table in $(nft list tables | awk '/ cnid/ {print $2 "/" $3}'); do nft -s list table ${table%/*} ${table#*/} | tr ',' '\n' |
            sed 's/^ *//' | sort; done
        for family in iptables ip6tables; do $family -S | grep CNID || true; done
        """;

    public ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Lab.CannotRun is not null, Lab.CannotRun ?? "");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await lab.RunAsync("docker ps -aq | xargs -rn 10 docker rm -f > /dev/null 2>&1; docker network prune -f; rm -f /etc/cni/net.d/* "
            + "/run/dump*; rm -rf /var/lib/cni/networks/ours; ip link delete ours0");
        await Lab.EventuallyAsync("no rule of cnid's is left", async () => (await lab.RunAsync(OurRules)).Output.Trim().Length == 0);
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData("nft delete table inet cnid")]
    [InlineData("nft delete table inet cnid_ports")]
    [InlineData("nft delete table inet cnid_masquerade; nft delete table inet cnid_firewall; nft delete table bridge cnid_macspoof")]
    [InlineData("nft flush chain inet cnid forward")]
    [InlineData("nft flush set inet cnid within")]
    [InlineData("nft flush chain inet cnid_ports prerouting")]
    [InlineData("nft flush map inet cnid_ports any4")]
    [InlineData("iptables -F FORWARD; ip6tables -F FORWARD")]
    [InlineData("iptables -D FORWARD -j CNID-CNI")]
    [InlineData("iptables -F CNID-CNI")]
    [InlineData("iptables -D CNID-FORWARD 1")]
    [InlineData("iptables-restore < /run/dump; ip6tables-restore < /run/dump6")]
    [InlineData("nft flush ruleset; CLOSE")]
    public async Task A6_WhatIsRemoved_ComesBack(string harm)
    {
        Assert.SkipUnless(lab.Engine.ClosesForward
            || !Regex.IsMatch(harm, "FORWARD|CNID"), "on this engine iptables has no FORWARD, and nothing of cnid's");
        harm = harm.Replace("CLOSE", lab.Engine.ClosesForward
            ? "iptables -P FORWARD DROP; ip6tables -P FORWARD DROP"
            : "true", StringComparison.Ordinal);
        await lab.OkAsync("iptables-save > /run/dump; ip6tables-save > /run/dump6; ip6tables -S > /dev/null");
        await PrepareAsync();
        var before = Words(await lab.OkAsync(OurRules));

        await lab.OkAsync(harm);

        var after = "";
        await Lab.EventuallyAsync(() => $"{harm}\n{Difference(before, after)}", async () =>
            (after = Words((await lab.RunAsync(OurRules)).Output)) == before, seconds: 10);
        await lab.DockerAsync("exec web1 ping -c1 -W3 203.0.113.2");
        await lab.DockerAsync("exec ours1 ping -c1 -W3 203.0.113.2");
        Assert.Contains("hello", (await lab.InternetAsync("curl -s -m3 http://203.0.113.1:8080/")).Output, StringComparison.Ordinal);
        Assert.Contains("hello", (await lab.InternetAsync("curl -s -m3 http://203.0.113.1:8081/")).Output, StringComparison.Ordinal);
        if (harm.Contains("ruleset", StringComparison.Ordinal) || harm.Contains("-F FORWARD", StringComparison.Ordinal))
            await lab.RestartEngineAsync("TERM"); // it writes its own anew
    }

    [Fact]
    public async Task A6_DropOfAnAdministrators_HoldsForOurNetworks_AfterEveryOrderOfStart()
    {
        await PrepareAsync("--restart always");
        await HoldsAsync("engine first");
        await lab.RestartEngineAsync("TERM");
        await HoldsAsync("engine restarted");
        await lab.OkAsync(lab.Engine.ClosesForward ? "iptables -F FORWARD; ip6tables -F FORWARD" : "nft flush ruleset");
        await lab.RestartEngineAsync("TERM");
        await HoldsAsync("FORWARD flushed, engine restarted");
        await lab.StopCnidAsync("TERM");
        await lab.RunAsync("pkill -x dockerd");
        await Lab.EventuallyAsync("dockerd has ended", async () => (await lab.RunAsync("pgrep -x dockerd")).Status != 0);
        await lab.OkAsync("nft flush ruleset");
        await lab.StartCnidAsync("CNID_BUILTIN=always");
        await lab.RestartEngineAsync("TERM");
        await HoldsAsync("cnid first");
    }

    [Fact]
    public async Task A6_TwelveNetworksAtOnce_AreAllGuarded()
    {
        await lab.OkAsync("for i in $(seq 12); do docker network create -d cni -o com.docker.network.bridge.name=many$i --subnet "
            + "10.90.$i.0/24 many$i & done; wait");

        var table = await lab.OkAsync("nft list set inet cnid bridges");
        var chain = lab.Engine.ClosesForward ? await lab.OkAsync("iptables -S CNID-FORWARD") : "";
        for (var one = 1; one <= 12; one++)
        {
            Assert.Contains($"\"many{one}\"", table, StringComparison.Ordinal);
            Assert.Equal(lab.Engine.ClosesForward, chain.Contains($"-A CNID-FORWARD -i many{one} -j ACCEPT", StringComparison.Ordinal));
        }
        await lab.OkAsync("for i in $(seq 12); do docker network rm many$i & done; wait");
        Assert.DoesNotContain("many", await lab.OkAsync("nft list ruleset; iptables -S"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A6_WhatIsRemovedThreeTimesInAMinute_IsReported_AndNotFoughtOver()
    {
        await lab.DockerAsync("network create -d cni web");
        for (var time = 1; time <= 3; time++)
        {
            await Lab.EventuallyAsync("the table is there", async () => (await lab.RunAsync("nft list table inet cnid")).Status == 0);
            await lab.OkAsync("nft delete table inet cnid");
        }

        await Lab.EventuallyAsync("it is logged", () =>
            Task.FromResult(lab.CnidLog.Contains("rules of cnid are repeatedly removed from inet cnid", StringComparison.Ordinal)));
        Assert.NotEqual(0, (await lab.RunAsync("nft list table inet cnid")).Status);
        Assert.Contains("inet cnid", await lab.FailsAsync($"{Lab.Cnid} health --ready"), StringComparison.Ordinal);
        var doctor = await lab.FailsAsync($"{Lab.Cnid} doctor");
        Assert.Contains("repeatedly", Regex.Replace(doctor, "\\s+", " "), StringComparison.Ordinal);
        await lab.RestartCnidAsync("CNID_BUILTIN=always");
        await lab.OkAsync("nft list table inet cnid");
    }

    [Fact]
    public async Task A6_Doctor_NamesWhatIsMissing()
    {
        await PrepareAsync();
        await lab.StopCnidAsync("KILL");
        await lab.OkAsync("nft delete table inet cnid; nft flush map inet cnid_ports any4");
        if (lab.Engine.ClosesForward)
            await lab.OkAsync("iptables -D FORWARD -j CNID-CNI; iptables -D CNID-FORWARD 1");

        var doctor = await lab.RunAsync($"{Lab.Cnid} doctor --json");
        foreach (var place in (string[])["inet cnid", "inet cnid_ports", .. lab.Engine.ClosesForward
            ? ["iptables CNID-CNI", "iptables CNID-FORWARD"]
            : Array.Empty<string>()])
            Assert.Contains($"rules are missing in {place}: ", doctor.Output, StringComparison.Ordinal);

        await lab.StartCnidAsync("CNID_BUILTIN=always");
        await Lab.EventuallyAsync("all is back", async () =>
            !(await lab.RunAsync($"{Lab.Cnid} doctor --json")).Output.Contains("rules are missing", StringComparison.Ordinal));
    }

    private async Task HoldsAsync(string order)
    {
        await Lab.EventuallyAsync($"{order}: containers run and get out", async () =>
            (await lab.RunAsync("docker exec web1 ping -c1 -W3 203.0.113.2 && docker exec ours1 ping -c1 -W3 203.0.113.2")).Status == 0);
        foreach (var program in (string[])["iptables", "ip6tables"])
        {
            List<string> jumps = [.. (await lab.OkAsync($"{program} -S FORWARD")).Split('\n')
                .Where(line =>
                line.Contains(" -j DOCKER-USER", StringComparison.Ordinal) || line.Contains(" -j CNID-", StringComparison.Ordinal))];
            Assert.True(jumps.FindIndex(line => line.Contains("DOCKER-USER", StringComparison.Ordinal)) <= 0,
                $"{order}, {program}: {string.Join(", ", jumps)}");
        }
        // Without DOCKER-USER, in a table of their own.
        await lab.OkAsync(lab.Engine.ClosesForward
            ? "iptables -I DOCKER-USER -j DROP"
            : "nft 'add table inet admin; add chain inet admin forward { type filter hook forward priority 10; policy drop; }'");
        foreach (var container in (string[])["web1", "ours1"])
            Assert.NotEqual(0, (await lab.RunAsync($"docker exec {container} ping -c1 -W2 203.0.113.2")).Status);
        await lab.OkAsync(lab.Engine.ClosesForward ? "iptables -D DOCKER-USER -j DROP" : "nft delete table inet admin");
    }

    // A generated network, and a list by the built-ins with every table they have.
    private async Task PrepareAsync(string options = "")
    {
        await lab.OkAsync($"cat > /etc/cni/net.d/ours.conflist <<'E'\n{List}\nE");
        await lab.RestartCnidAsync("CNID_BUILTIN=always"); // what the test before has removed counts no more
        await lab.DockerAsync("network create -d cni web");
        await lab.DockerAsync("network create -d cni -o cni.network=ours --ipam-driver null ours");
        await lab.DockerAsync($"run -d {options} --name web1 --network web -p 8080:80 lab httpd -f -h /www");
        await lab.DockerAsync($"run -d {options} --name ours1 --network ours -p 8081:80 lab httpd -f -h /www");
    }

    // Rules and elements in the order of the alphabet: nft lists elements as the kernel has them.
    private static string Words(string listing) => string.Join('\n', listing.Split('\n')
        .Select(line => line.Replace("elements = {", "", StringComparison.Ordinal).Trim(' ', '\t', '}', ','))
        .Where(line => line.Length > 0)
        .Distinct()
        .Order(StringComparer.Ordinal));

    private static string Difference(string wanted, string found) => string.Join('\n',
        wanted.Split('\n').Except(found.Split('\n')).Select(line => "- " + line)
            .Concat(found.Split('\n').Except(wanted.Split('\n')).Select(line => "+ " + line)));
}
