using System.Diagnostics;
using System.Net;
using CniCore.Linux.Nftables;
using CniCore.Tests.Plugins;
using static CniCore.Linux.Nftables.Nft;

namespace CniCore.Tests.Linux;

/// <summary>Tables as data: what is written is what nft itself makes of the same text, and what is read is compared by content.</summary>
public sealed class TableDefinitionTests : LinuxTest
{
    // One of each thing that can be said.
    private static readonly TableDefinition All = new(NftTable.Parse("inet proof"))
    {
        Sets =
        [
            new NftSet("bridges", "ifname").With(["br0", "\"br1\""]),
            new NftSet("within", "ifname . ifname").With([("br0 . br0", "a bridge")]),
            new NftSet("marks", "mark").With(["0x00000010"]),
            new NftSet("subnets4", "ipv4_addr") { IsInterval = true }.With(["10.1.0.0/24", "10.2.0.0/16", "255.255.255.0/24", "10.3.0.7"]),
            new NftSet("subnets6", "ipv6_addr") { IsInterval = true }.With(["fd00::/64", "::/8"]),
            new NftSet("inside4", "ipv4_addr . ipv4_addr") { IsInterval = true }.With(
                ["10.1.0.0/24 . 10.1.0.0/24", "10.2.0.0/16 . 10.9.0.1"]),
            new NftSet("masked", "ipv4_addr : verdict").With([("10.1.0.2 : goto mask", "an owner")]),
            new("only", "inet_proto . inet_service : verdict"),
            new("near4", "ipv4_addr . ipv4_addr : verdict"),
            new("near6", "ipv6_addr . ipv6_addr : verdict"),
            new NftSet("at4", "ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service")
                .With(["192.0.2.1 . tcp . 8080 : 10.1.0.2 . 80"]),
            new("at6", "ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service"),
            new NftSet("any4", "inet_proto . inet_service : ipv4_addr . inet_service").With(["udp . 53 : 10.1.0.2 . 53"]),
            new("any6", "inet_proto . inet_service : ipv6_addr . inet_service"),
        ],
        Chains =
        [
            new("mask") { Masquerade },
            new("mapped")
            {
                { NfProto.Is("ipv4"), L4Proto.Dot(ThDport).VMap("only") },
                DnatIp(IpDaddr.Dot(L4Proto).Dot(ThDport), "at4"),
                DnatIp(L4Proto.Dot(ThDport), "any4"),
                DnatIp6(Ip6Daddr.Dot(L4Proto).Dot(ThDport), "at6"),
                DnatIp6(L4Proto.Dot(ThDport), "any6"),
                { TcpDport.Is("80"), DnatTo(new(IPAddress.Parse("10.1.0.2"), 80)) },
                { UdpDport.Is("53"), DnatTo(new(IPAddress.Parse("fd00::2"), 53)) },
            },
            new("forward", new("filter", "forward", NftHook.FilterPriority - 5))
            {
                { IifName.Dot(OifName).In("within"), Accept },
                { IifName.In("bridges"), OifName.NotIn("bridges"), Drop },
                { CtState("established", "related"), Accept },
                { "published ports", CtStatus("dnat"), Accept },
                { IifName.In("bridges"), OifKind.Is("bridge"), Drop },
                { IifKind.IsNot("bridge"), OifName.Is("br0"), IifName.IsNot("lo"), Counter, Reject },
                { Mark.Is("0x00000010"), Jump("mapped2") },
                { Mark.In("marks"), Goto("mapped2") },
                { Mark.And("0x00000010").Is("0x00000010"), Return },
                { IifName.Is("eth0"), SetMark(7) },
                { IifName.Is("eth1"), AddMark(0x10) },
                { IpSaddr.Is("10.0.0.0/8"), IpDaddr.IsNot("224.0.0.0/4"), Drop },
                { Ip6Saddr.Is("fd00::1"), Ip6Daddr.Is("ff00::/8"), Ip6Daddr.IsNot("fe80::/10"), Drop },
                { IpSaddr.Is("10.1.0.1"), TcpDport.Is("443"), L4Proto.Is("tcp"), Accept },
            },
            new("nat", new("nat", "postrouting", NftHook.SourceNat))
            {
                { IpSaddr.Dot(IpDaddr).In("inside4"), Return },
                IpSaddr.Dot(IpDaddr.And("255.255.255.0")).VMap("near4"),
                Ip6Saddr.Dot(Ip6Daddr.And("ffff:ffff:ffff:ffff::")).VMap("near6"),
                { IpSaddr.In("subnets4"), Masquerade },
                { Ip6Saddr.In("subnets6"), Masquerade },
                { CtStatus("dnat", "snat"), IpDaddr.VMap("masked") },
            },
            new("first", new("filter", "prerouting", NftHook.Raw, Drops: true))
            {
                { FibDaddrType.Is("local"), Jump("mapped2") },
            },
            new("mapped2"),
        ],
    };

    private static readonly TableDefinition Bridge = new(NftTable.Parse("bridge proof"))
    {
        Sets = [new NftSet("allowed", "ifname . ether_addr").With(["veth0 . 02:00:00:00:00:0a"]),
            new NftSet("ports", "ifname : verdict").With(["veth0 : goto checked"])],
        Chains =
        [
            new("checked") { { IifName.Dot(EtherSaddr).NotIn("allowed"), Drop } },
            new("prerouting", new("filter", "prerouting", -300)) { IifName.VMap("ports"), { IpSaddr.Is("10.1.0.2"), Drop },
                { Ip6Saddr.Is("fd00::2"), Drop } },
        ],
    };

    private static readonly TableDefinition Ip = new(NftTable.Parse("ip proof"))
    {
        Chains = [new("input", new("filter", "input", 0)) { { IpSaddr.Is("10.1.0.2"), Drop }, { IpDaddr.Is("10.0.0.0/7"), Accept } }],
    };

    public static TheoryData<string> Definitions => ["inet", "bridge", "ip"];

    [Theory]
    [MemberData(nameof(Definitions))]
    public void A1_WhatWeWrite_IsWhatNftMakesOfTheSameText(string family)
    {
        var wanted = OfFamily(family);
        var (byNft, byUs) = (Space("nft"), Space("us"));
        File.WriteAllText(PathOf("table.nft"), wanted.Text);
        Program("nft", $"-f {PathOf("table.nft")}");
        byUs.Inside(() =>
        {
            using var socket = NftSocket.Open();
            socket.Replace(wanted);
        });

        Assert.Equal(Program("nft", "list ruleset"), Program("us", "list ruleset"));
        foreach (var space in new[] { byNft, byUs })
        {
            using var socket = NftSocket.OpenIn(space);
            Assert.Empty(wanted.Differences(socket.Read(wanted.Table)));
        }
    }

    [Fact]
    public void A1_Text_IsNfts()
    {
        Assert.Equal(
            """
            table bridge proof {
            	set allowed {
            		type ifname . ether_addr
            		elements = { "veth0" . 02:00:00:00:00:0a }
            	}
            	map ports {
            		type ifname : verdict
            		elements = { "veth0" : goto checked }
            	}
            	chain checked {
            		iifname . ether saddr != @allowed drop
            	}
            	chain prerouting {
            		type filter hook prerouting priority -300; policy accept;
            		iifname vmap @ports
            		ip saddr 10.1.0.2 drop
            		ip6 saddr fd00::2 drop
            	}
            }

            """,
            Bridge.Text);
    }

    [Theory]
    [InlineData("delete element inet proof bridges { \"br1\" }", "the element \"br1\" is missing")]
    [InlineData("add element inet proof bridges { \"br9\" }", "the element \"br9\" does not belong there")]
    [InlineData("delete element inet proof subnets4 { 10.1.0.0/24 }", "the element 10.1.0.0/24 is missing")]
    [InlineData("add element inet proof inside4 { 10.7.0.0/16 . 10.8.0.0/16 }",
        "the element 10.7.0.0/16 . 10.8.0.0/16 does not belong there")]
    [InlineData("flush chain inet proof mask", "its rule 1 is missing: masquerade")]
    [InlineData("add rule inet proof mask accept", "its rule 2 does not belong there")]
    [InlineData("flush chain inet proof mask; add rule inet proof mask accept", "its rule 1 is not \"masquerade\" but [immediate")]
    [InlineData("chain inet proof forward { policy drop; }", "policy drop;\", not at")]
    [InlineData("add chain inet proof more", "has a chain more that does not belong there")]
    [InlineData("add set inet proof more { type mark; }", "has a set more that does not belong there")]
    [InlineData("flush map inet proof masked", "10.1.0.2 comment \"an owner\" : goto mask is missing")]
    [InlineData("delete table inet proof", "there is no table inet proof")]
    public void A6_Differences_SayWhatSomebodyChanged(string change, string difference)
    {
        using var socket = NftSocket.OpenIn(Space("one"));
        socket.Replace(All);
        Assert.Empty(All.Differences(socket.Read(All.Table)));

        Program("one", change.Split("; add rule"));
        Assert.Contains(All.Differences(socket.Read(All.Table)), line => line.Contains(difference, StringComparison.Ordinal));

        socket.Replace(All);
        Assert.Empty(All.Differences(socket.Read(All.Table)));
    }

    [Fact]
    public void A1_Replace_OfManyElements_IsOneTransaction()
    {
        using var socket = NftSocket.OpenIn(Space("one"));
        var table = NftTable.Parse("inet many");
        var many = new TableDefinition(table)
        {
            Sets = [new NftSet("ports", "inet_proto . inet_service : ipv4_addr . inet_service")
                .With(Enumerable.Range(1, 20_000).Select(port =>
                ($"tcp . {port} : 10.1.0.2 . {port}", "an owner with a long name for its comment")))],
        };
        var before = socket.Generation();

        socket.Replace(many);
        socket.Replace(many with { Sets = [.. many.Sets, new("more", "mark")] });

        Assert.Equal(int.Parse(before, null) + 2, int.Parse(socket.Generation(), null));
        Assert.Equal(20_000, socket.Elements(table, "ports")!.Count);
        var refused = new TableDefinition(table) { Chains = [new("one") { Jump("nowhere") }] };
        Assert.Equal(2, Assert.Throws<CniCore.Linux.Netlink.NetlinkException>(() => socket.Replace(refused)).Errno);
        Assert.Equal(20_000, socket.Elements(table, "ports")!.Count);
    }

    [Fact]
    public void A6_Table_IsFoundByItsExactName_AndDeletedTwice()
    {
        using var socket = NftSocket.OpenIn(Space("one"));
        NftTable ports = NftTable.Parse("inet cnid_ports"), cnid = NftTable.Parse("inet cnid");
        socket.Replace(new TableDefinition(ports));
        socket.Replace(new TableDefinition(NftTable.Parse("ip cnid")));
        Assert.Equal(["inet cnid_ports", "ip cnid"], socket.Tables().Select(table => table.ToString()).Order());
        Assert.False(socket.HasTable(cnid));
        Assert.Null(socket.Read(cnid));

        socket.Delete(ports);
        socket.Delete(ports);
        Assert.Equal(["ip cnid"], socket.Tables().Select(table => table.ToString()));
    }

    [Fact]
    public void A6_Monitor_HearsOfWhatOthersChange()
    {
        using var monitor = NftMonitor.OpenIn(Space("one"));
        Assert.False(monitor.Wait(TimeSpan.Zero));
        Program("one", "add table inet others");
        Assert.True(monitor.Wait(TimeSpan.FromSeconds(10)));
        Assert.False(monitor.Wait(TimeSpan.Zero));
        Program("one", "flush ruleset");
        Assert.True(monitor.Wait(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void A1_ADescriptorAbove1024_IsNoHindrance()
    {
        var space = Space("one");
        var files = Enumerable.Range(0, 1100).Select(_ => File.OpenHandle("/dev/null")).ToList();
        try
        {
            using var socket = NftSocket.OpenIn(space);
            socket.Replace(All);
            Assert.Empty(All.Differences(socket.Read(All.Table)));
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }
    }

    private static TableDefinition OfFamily(string family) => family switch
    {
        "inet" => All,
        "bridge" => Bridge,
        _ => Ip,
    };

    private string Program(string space, params string[] commands)
    {
        var output = "";
        foreach (var command in commands.Select((command, at) => at == 0 ? command : "add rule" + command))
        {
            using var process = Children.Start(
                new ProcessStartInfo("nsenter", [$"--net={PathOf(space)}", "nft", .. command.StartsWith("-f", StringComparison.Ordinal)
                    ? command.Split(' ')
                    : [command]])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                });
            var errors = process.StandardError.ReadToEndAsync();
            output += process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, errors.Result);
        }
        return output;
    }
}
