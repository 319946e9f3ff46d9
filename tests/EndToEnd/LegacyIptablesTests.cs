using EndToEnd.Host;

namespace EndToEnd;

/// <summary>
/// A host whose FORWARD drops in both back ends of iptables, in a lab of its own: the legacy tables never go again from a namespace that
/// has them.
/// </summary>
public sealed class LegacyIptablesTests(Lab lab) : LabTest(lab), IClassFixture<Lab>
{
    [Fact]
    public async Task GeneratedNetwork_UsesBuiltIns_AndIsLetThrough_AndNothingStays()
    {
        foreach (var family in new[] { "iptables", "ip6tables" })
            await Lab.OkAsync($"{family}-legacy -P FORWARD DROP");
        var before = await Lab.OkAsync("iptables-legacy-save -t filter; ip6tables-legacy-save -t filter");
        await Lab.DockerAsync("network create -d cni old");
        await Lab.DockerAsync("run -d --name server --network old -p 8080:80 lab httpd -f -h /www");

        await Lab.DockerAsync("run --rm --network old lab ping -c1 -W3 server");
        await Lab.DockerAsync("run --rm --network old lab ping -c1 -W3 203.0.113.2");
        Assert.Contains("hello", (await Lab.InternetAsync("curl -s -m3 http://203.0.113.1:8080/")).Output, StringComparison.Ordinal);

        await Lab.DockerAsync("rm -f server");
        await Lab.DockerAsync("network rm old");
        Assert.Equal(Rules(before), Rules(await Lab.OkAsync("iptables-legacy-save -t filter; ip6tables-legacy-save -t filter")));
    }

    [Fact]
    public async Task Doctor_RulesInBothBackEnds_AreFound_AndTheCommandLeavesThoseOfOne()
    {
        await Lab.OkAsync("iptables-legacy -P FORWARD DROP");
        const string finding = "doctor --json | python3 -c 'import json,sys; print(\"\\n\".join(f[\"mend\"] for f in "
            + "json.load(sys.stdin) if f[\"check\"]==\"iptables\"))'";

        var mend = await Lab.OkAsync($"{Host.Lab.Cnid} {finding}");
        Assert.StartsWith("iptables-legacy-save > ", mend, StringComparison.Ordinal);
        await Lab.OkAsync(mend);
        Assert.Equal("", await Lab.OkAsync($"{Host.Lab.Cnid} {finding}; rm -f /root/iptables-legacy.rules"));
    }

    private static IEnumerable<string> Rules(string saved) =>
        saved.Split('\n').Where(line => line.StartsWith(":CNID", StringComparison.Ordinal) || line.StartsWith('-'));
}
