using EndToEnd.Host;

namespace EndToEnd;

/// <summary>
/// A host whose FORWARD drops in both back ends of iptables, in a lab of its own: the legacy tables never go again from a namespace that has them.
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
        Assert.Contains("firewall*", await Lab.OkAsync($"{Lab.Cnid} networks"), StringComparison.Ordinal);
        await Lab.DockerAsync("run -d --name server --network old -p 8080:80 lab httpd -f -h /www");

        await Lab.DockerAsync("run --rm --network old lab ping -c1 -W3 server");
        await Lab.DockerAsync("run --rm --network old lab ping -c1 -W3 203.0.113.2");
        Assert.Contains("hello", (await Lab.InternetAsync("curl -s -m3 http://203.0.113.1:8080/")).Output, StringComparison.Ordinal);

        await Lab.DockerAsync("rm -f server");
        await Lab.DockerAsync("network rm old");
        Assert.Equal(Rules(before), Rules(await Lab.OkAsync("iptables-legacy-save -t filter; ip6tables-legacy-save -t filter")));
    }

    private static IEnumerable<string> Rules(string saved) => saved.Split('\n').Where(line => line.StartsWith(":CNID", StringComparison.Ordinal) || line.StartsWith('-'));
}
