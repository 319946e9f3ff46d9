using CniCore.Firewall;
using CniCore.Linux.Nftables;
using CniCore.Spec;
using CniCore.Tests.Plugins;

namespace CniCore.Tests.Firewall;

/// <summary>CNID-FORWARD, in both back ends of a real iptables.</summary>
public sealed class ForwardChainsTests : FirewallTest
{
    private static readonly string[] Bridges = ["br1", "br2"];

    [Theory]
    [InlineData(Modern)]
    [InlineData(Legacy)]
    public void A6_Chain_IsExactlyWhatItShouldBe_AfterAnyDamage_AndGoesWithoutATrace(string backend)
    {
        _ = Host;
        DropAll(backend);
        Tool($"iptables-{backend} -N DOCKER-USER");
        Tool($"iptables-{backend} -A FORWARD -j DOCKER-USER");
        Tool($"iptables-{backend} -A FORWARD -m comment --comment \"the end\" -j REJECT");
        var before = All();

        Write(Bridges);
        var right = All();
        Assert.Equal(
            ["-A FORWARD -j DOCKER-USER", "-A FORWARD -j CNID-FORWARD",
                "-A FORWARD -m comment --comment \"the end\" -j REJECT --reject-with icmp-port-unreachable"],
            Lines(backend, "-A FORWARD"));
        Assert.Equal(
            ["-A CNID-FORWARD -o br1 -j ACCEPT", "-A CNID-FORWARD -i br1 -j ACCEPT", "-A CNID-FORWARD -o br2 -j ACCEPT",
                "-A CNID-FORWARD -i br2 -j ACCEPT"],
            Lines(backend, "-A CNID-FORWARD"));
        foreach (var damage in (string[])["-F CNID-FORWARD", "-D FORWARD -j CNID-FORWARD", "-D CNID-FORWARD -i br1 -j ACCEPT",
            "-A CNID-FORWARD -j ACCEPT", "-I FORWARD 1 -j CNID-FORWARD", "-I CNID-FORWARD -i br1 -o br2 -j ACCEPT"])
        {
            Tool($"iptables-{backend} {damage}");
            Write(Bridges);
            Assert.Equal(right, All());
            Assert.Empty(Missing(Bridges));
        }

        Write([]);
        Assert.Equal(before, All());
    }

    [Theory]
    [InlineData(Modern, "iptables")]
    [InlineData(Legacy, "iptables-legacy")]
    public void A6_Differences_AreInIptablesWords_AsTheyCanBeRun(string backend, string program)
    {
        _ = Host;
        DropAll(backend);
        Write(Bridges);
        Tool($"iptables-{backend} -D CNID-FORWARD -o br2 -j ACCEPT");
        Tool($"iptables-{backend} -D FORWARD -j CNID-FORWARD");

        var lines = Missing(Bridges).Select(rule => rule.Text);

        Assert.Equal([$"{program} -A CNID-FORWARD -o br2 -j ACCEPT", $"{program} -A FORWARD -j CNID-FORWARD"], lines);
    }

    [Theory]
    [InlineData(Modern)]
    [InlineData(Legacy)]
    public void C_NameWithAQuote_IsANameAndNoMore(string backend)
    {
        string[] bridges = ["br1", "br\"-j\\", "it's"];
        _ = Host;
        DropAll(backend);
        Write(bridges);
        Assert.Equal(bridges.SelectMany(name => new[] { $"-A CNID-FORWARD -o {name} -j ACCEPT", $"-A CNID-FORWARD -i {name} -j ACCEPT" }),
            Lines(backend, "-A CNID-FORWARD"));
        Assert.Empty(Missing(bridges));
        Write([]);
        Assert.Empty(Lines(backend, "-A"));
    }

    [Fact]
    public void Write_WhereASomebodysRuleLeadsToTheChain_LeavesItEmpty()
    {
        _ = Host;
        DropAll(Modern);
        Write(Bridges);
        Tool("iptables-nft -A FORWARD -i br9 -j CNID-FORWARD");
        Write([]);
        Assert.Equal(["-A FORWARD -i br9 -j CNID-FORWARD"], Lines(Modern, "-A"));
    }

    private void Write(IReadOnlyList<string> bridges) => Firewall.Write(Policies(bridges));

    private IReadOnlyList<MissingRule> Missing(IReadOnlyList<string> bridges) => Firewall.Missing(Policies(bridges));

    private static FirewallPolicy[] Policies(IEnumerable<string> bridges) =>
        [.. bridges.Select(name => new FirewallPolicy { Traffic = [TrafficSelector.Of(name)] })];

    private IEnumerable<string> Lines(string backend, string beginning) =>
        Tool($"iptables-{backend} -S").Split('\n').Where(line => line.StartsWith(beginning, StringComparison.Ordinal));
}
