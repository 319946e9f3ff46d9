using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CniCore.Plugins.Rules;

namespace CniCore.Tests.Linux;

/// <summary>Elements by netlink are those that nft writes and lists.</summary>
public sealed class NftSocketTests : LinuxTest
{
    private const string Rules = """
        set pairs { type ifname . ether_addr; }
        map near4 { type ipv4_addr . ipv4_addr : verdict; }
        map any4 { type inet_proto . inet_service : ipv4_addr . inet_service; }
        map any6 { type inet_proto . inet_service : ipv6_addr . inet_service; }
        map ours6 { type ipv6_addr : verdict; }
        chain held {
        }
        """;

    private static readonly NftTable Table = NftTable.Parse("inet proof");

    private static readonly RuleElement[] Elements =
    [
        new("pairs", "\"veth0\" . 02:00:00:00:00:0a", "an owner"),
        new("near4", "10.1.0.2 . 10.1.0.0", "an owner", "goto held"),
        new("any4", "tcp . 8080", "an owner", "10.1.0.2 . 80"),
        new("any6", "udp . 53", "an owner", "fd00::2 . 53"),
        new("ours6", "fd00::2", "an owner", "goto held"),
    ];

    [Fact]
    public void WhatNftWrites_IsRead_AndWhatIsWritten_NftLists()
    {
        var (byNft, byUs) = (Space("nft"), Space("us"));
        var shapes = SetShape.Of(Rules);
        var listings = new List<string>();
        foreach (var (space, direct) in new[] { (byNft, false), (byUs, true) })
        {
            space.Inside(() =>
            {
                using var nft = Nftables.Open();
                nft.Run($"table inet proof {{\n{Rules}\n}}");
                using var socket = NftSocket.Open();
                if (direct)
                    socket.Create(Table, Elements.Select(element => shapes[element.Set].Encode(element)));
                else
                    nft.Run(string.Concat(Elements.Select(element => $"add element inet proof {element.Set} {{ {element.Text} }}\n")));
                listings.Add(nft.Query("list table inet proof"));
                Assert.Equal(Elements, shapes.Values.SelectMany(shape => socket.Elements(Table, shape.Name)!.Select(shape.Decode)));
                Assert.All(Elements, element => Assert.Equal(element, shapes[element.Set].Decode(socket.Find(Table, shapes[element.Set].Encode(element, keyOnly: true))!)));
                Assert.Null(socket.Find(Table, shapes["any4"].Encode(new("any4", "tcp . 8081", ""), keyOnly: true)));
                Assert.Null(socket.Elements(Table, "none"));
            });
        }
        Assert.Equal(listings[0], listings[1]);
    }

    [Fact]
    public void AnElementTwice_AndOneThatIsNotThere_AreFaults_AndNothingOfThemStays() => Space("one").Inside(() =>
    {
        var shapes = SetShape.Of(Rules);
        using var nft = Nftables.Open();
        nft.Run($"table inet proof {{\n{Rules}\n}}");
        using var socket = NftSocket.Open();
        SetElement[] all = [.. Elements.Select(element => shapes[element.Set].Encode(element))];
        socket.Create(Table, all[2..]);
        Assert.Equal(17, Assert.Throws<NetlinkException>(() => socket.Create(Table, all)).Errno);
        Assert.Empty(socket.Elements(Table, "pairs")!);
        Assert.Equal(2, Assert.Throws<NetlinkException>(() => socket.Delete(Table, all)).Errno);
        Assert.Single(socket.Elements(Table, "any4")!);

        Assert.Equal(16, Assert.Throws<NetlinkException>(() => socket.DeleteUnless(Table, "held")).Errno);
        socket.Delete(Table, all[2..]);
        socket.DeleteUnless(Table, "held");
        Assert.False(socket.HasTable(Table));
        Assert.Equal("", nft.Query("list ruleset"));
    });
}
