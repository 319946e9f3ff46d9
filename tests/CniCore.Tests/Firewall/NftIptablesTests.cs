using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using CniCore.Firewall;
using CniCore.Linux.Nftables;
using CniCore.Spec;
using CniCore.Tests.Plugins;

namespace CniCore.Tests.Firewall;

/// <summary>What is written beside iptables-nft is what it would have written.</summary>
public sealed partial class NftIptablesTests : FirewallTest
{
    private const string Chain = "PROOF";

    [Theory]
    [InlineData("iptables", "10.1.0.2/32")]
    [InlineData("ip6tables", "fd00:1::2/128")]
    public void Rules_AreByteForByteThoseOfIptables_AndAreRead(string program, string host)
    {
        _ = Host;
        DropAll(Modern);
        var (family, table) = program == "iptables"
            ? (AddressFamily.InterNetwork, "ip filter")
            : (AddressFamily.InterNetworkV6, "ip6 filter");
        var address = IPAddress.Parse(host.Split('/')[0]);
        FilterRule[] rules =
        [
            new(Chain, "ADMIN") { Match = new(true, "br1", null) },
            new(Chain, "ADMIN") { Match = new(false, "a-name-of-15-ch", null) },
            new(Chain, FilterRule.Accept) { Match = new(false, "br1", null), IsAnswersOnly = true },
            new(Chain, FilterRule.Accept) { Match = new(true, null, address) },
            new(Chain, FilterRule.Accept) { Match = new(false, null, address), IsAnswersOnly = true },
        ];

        InHost(family, iptables =>
            iptables.Change([FilterChange.Make(Chain), FilterChange.Insert(new("FORWARD", Chain)), FilterChange.Make("ADMIN"),
                .. rules.Select(FilterChange.Append)]));
        var ours = Listing(table);
        string[] lines =
        [
            "-A FORWARD -j PROOF",
            "-A PROOF -i br1 -j ADMIN",
            "-A PROOF -o a-name-of-15-ch -j ADMIN",
            "-A PROOF -o br1 -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT",
            $"-A PROOF -s {host} -j ACCEPT",
            $"-A PROOF -d {host} -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT",
        ];
        Assert.Equal(lines, Tool($"{program}-nft -S").Split('\n').Where(line => line.StartsWith("-A", StringComparison.Ordinal)));

        Array.ForEach(lines, line => Tool($"{program}-nft {line.Replace("-A", "-D", StringComparison.Ordinal)}"));
        Array.ForEach(lines, line => Tool($"{program}-nft {line}"));
        Assert.Equal(ours, Listing(table));
        InHost(family, iptables => Assert.Equal(rules, iptables.Rules(Chain).Select(rule => rule with { Handle = 0 })));
    }

    [Fact]
    public void OthersRules_AreForeign_AndStay()
    {
        _ = Host;
        DropAll(Modern);
        Tool($"iptables-nft -N {Chain}");
        foreach (var rule in new[] { "-i br+ -j ACCEPT", "! -i br1 -j ACCEPT", "-s 10.0.0.0/8 -j ACCEPT",
            "-i br1 -m conntrack --ctstate NEW -j ACCEPT", "-i br1 -p tcp --dport 80 -j ACCEPT", "-i br1 -j LOG" })
            Tool($"iptables-nft -A {Chain} {rule}");
        InHost(AddressFamily.InterNetwork, iptables =>
        {
            Assert.All(iptables.Rules(Chain), rule => Assert.True(rule.IsForeign, rule.Text));
            iptables.Change([FilterChange.Append(new(Chain, FilterRule.Accept) { Match = new(true, "br1", null) })]);
            iptables.Change([FilterChange.Delete(iptables.Rules(Chain)[^1])]);
            Assert.Equal(6, iptables.Rules(Chain).Count);
        });
    }

    [Fact]
    public void Change_OfWhatIsGone_IsRefused_AsAWhole()
    {
        _ = Host;
        DropAll(Modern);
        InHost(AddressFamily.InterNetwork, iptables =>
        {
            iptables.Change([FilterChange.Make(Chain), FilterChange.Append(new(Chain, FilterRule.Accept))]);
            var rule = iptables.Rules(Chain)[0];
            iptables.Change([FilterChange.Delete(rule)]);
            Assert.Throws<CniPluginException>(() =>
                iptables.Change([FilterChange.Insert(new("FORWARD", Chain)), FilterChange.Delete(rule)]));
            Assert.Empty(iptables.Rules("FORWARD"));
            Assert.Empty(iptables.Rules("NONE"));
        });
    }

    private void InHost(AddressFamily family, Action<NftIptables> work) => work(new(Firewall.Host, family));

    // Expressions and their bytes; without handles, which count on.
    private string Listing(string table) => Handles().Replace(Tool($"nft --debug=netlink list table {table}"), "");

    [GeneratedRegex("(?<=^ip6? filter \\S+)( \\d+)+", RegexOptions.Multiline)]
    private static partial Regex Handles();
}
