using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CniCore.Firewall;

namespace CniCore.Tests.Linux;

/// <summary>Elements by netlink are those that nft writes and lists.</summary>
public sealed class NftSocketTests : LinuxTest
{
    private static readonly NftTable Table = NftTable.Parse("inet proof");

    private static readonly TableDefinition Definition = new(Table)
    {
        Sets =
        [
            new("pairs", "ifname . ether_addr"),
            new("near4", "ipv4_addr . ipv4_addr : verdict"),
            new("any4", "inet_proto . inet_service : ipv4_addr . inet_service"),
            new("any6", "inet_proto . inet_service : ipv6_addr . inet_service"),
            new("ours6", "ipv6_addr : verdict"),
        ],
        Chains = [new("held")],
    };

    private static readonly Dictionary<string, NftSet> Sets = Definition.Sets.ToDictionary(set => set.Name);

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
        var listings = new List<string>();
        foreach (var (space, direct) in new[] { (byNft, false), (byUs, true) })
        {
            space.Inside(() =>
            {
                NftProgram.Run(Definition.Text);
                using var socket = NftSocket.Open();
                if (direct)
                    Create(socket, Elements);
                else
                    NftProgram.Run(
                        string.Concat(Elements.Select(element => $"add element inet proof {element.Set} {{ {element.Text} }}\n")));
                listings.Add(NftProgram.Run("list table inet proof\n"));
                Assert.Equal(Elements, Sets.Values.SelectMany(set =>
                    socket.Elements(Table, set.Name)!.Select(element => RuleElement.Of(set, element))));
                Assert.All(Elements, element =>
                    Assert.Equal(element, RuleElement.Of(Sets[element.Set], socket.Find(Table, element.KeyIn(Sets[element.Set]))!)));
                Assert.Null(socket.Find(Table, new RuleElement("any4", "tcp . 8081", "").KeyIn(Sets["any4"])));
                Assert.Null(socket.Elements(Table, "none"));
            });
        }
        Assert.Equal(listings[0], listings[1]);
    }

    [Fact]
    public void AnElementTwice_AndOneThatIsNotThere_AreFaults_AndNothingOfThemStays() => Space("one").Inside(() =>
    {
        using var socket = NftSocket.Open();
        socket.Replace(Definition);
        Create(socket, Elements[2..]);
        Assert.Equal(17, Assert.Throws<NetlinkException>(() => Create(socket, Elements)).Errno);
        Assert.Empty(socket.Elements(Table, "pairs")!);
        Assert.Equal(2, Assert.Throws<NetlinkException>(() => Delete(socket, Elements)).Errno);
        Assert.Single(socket.Elements(Table, "any4")!);

        Assert.Equal(16, Assert.Throws<NetlinkException>(() => DeleteUnlessUsed(socket)).Errno);
        Delete(socket, Elements[2..]);
        DeleteUnlessUsed(socket);
        Assert.False(socket.HasTable(Table));
        Assert.Equal("", NftProgram.Run("list ruleset\n"));
    });

    private static void Create(NftSocket socket, IEnumerable<RuleElement> elements) =>
        socket.Commit(new NftTransaction(Table).Create(elements.Select(element => element.In(Sets[element.Set]))), "adding to");

    private static void DeleteUnlessUsed(NftSocket socket) =>
        socket.Commit(new NftTransaction(Table).DeleteUnlessUsed("held"), "removing");

    private static void Delete(NftSocket socket, IEnumerable<RuleElement> elements) =>
        socket.Commit(new NftTransaction(Table).Delete(elements.Select(element => element.KeyIn(Sets[element.Set]))), "removing from");
}
