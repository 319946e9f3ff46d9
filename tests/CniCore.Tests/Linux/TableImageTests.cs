using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CniCore.Plugins;
using CniCore.Plugins.Bridge;
using CniCore.Plugins.Firewall;
using CniCore.Plugins.PortMap;
using CniCore.Plugins.Rules;
using CniCore.Spec;

namespace CniCore.Tests.Linux;

/// <summary>A table that is written from its image is the one that nft makes.</summary>
public sealed class TableImageTests : LinuxTest
{
    private static readonly CidrAddress Address = CidrAddress.Parse("10.1.0.2/24");

    [Theory]
    [InlineData("inet cnid_masquerade")]
    [InlineData("inet cnid_ports")]
    [InlineData("inet cnid_firewall")]
    [InlineData("bridge cnid_macspoof")]
    public void Copy_InAnotherNamespace_IsListedAlike(string name)
    {
        var (ours, near) = name switch
        {
            "inet cnid_masquerade" => (Masquerade.Table, Vicinity.Rule("saddr", "daddr", Address)),
            "inet cnid_ports" => (PortTable.Table, Vicinity.Rule("daddr", "saddr", Address)),
            "inet cnid_firewall" => (FirewallTable.Table, ""),
            _ => (MacSpoofCheck.Table, ""),
        };
        var table = NftTable.Parse(name);
        var (image, byNft) = Space("nft").Inside(() =>
        {
            using var nft = Nftables.Open();
            nft.Run($"table inet other {{ set s {{ type mark; }}\nchain c {{ }}\n}}\n{ours.Definition}add chain {name} subnet\nadd rule {name} subnet {near} drop\nadd chain {name} only_mine\nadd rule {name} only_mine drop");
            using var socket = NftSocket.Open();
            var image = socket.ReadImage(table, chain => chain != "only_mine");
            nft.Run($"flush chain {name} only_mine\ndelete chain {name} only_mine");
            return (image, nft.Query($"list table {name}"));
        });

        Space("image").Inside(() =>
        {
            using var socket = NftSocket.Open();
            socket.Create(table, image!, []);
            using var nft = Nftables.Open();
            Assert.Equal(byNft, nft.Query($"list table {name}"));
            Assert.Equal(17, Assert.Throws<NetlinkException>(() => socket.Create(table, image!, [])).Errno);
            Assert.Equal(byNft, nft.Query("list ruleset"));
        });
    }

    [Fact]
    public void TableThatIsNotThere_HasNoImage() => Space("none").Inside(() =>
    {
        using var socket = NftSocket.Open();
        Assert.Null(socket.ReadImage(NftTable.Parse("inet none"), _ => true));
    });

    [Fact]
    public void TableThatComesAgain_IsAsBefore_AndHasTheChainsThatItNeedsNow() => Space("again").Inside(() =>
    {
        using var nft = Nftables.Open();
        var listings = new List<string>();
        foreach (var address in (string[])["10.1.0.2/24", "10.1.0.2/24", "10.1.0.2/16", "10.1.0.2/16", "fd00::2/64"])
        {
            var tag = new AttachmentTag("net", "container", "eth0");
            Masquerade.Add(tag, [CidrAddress.Parse(address)]);
            listings.Add(nft.Query("list ruleset"));
            Assert.True(Masquerade.Has(tag, [CidrAddress.Parse(address)]));
            Masquerade.Remove(tag, [CidrAddress.Parse(address)]);
            Assert.Equal("", nft.Query("list ruleset"));
        }
        Assert.Equal(listings[0], listings[1]);
        Assert.Contains("chain outside4_16", listings[2], StringComparison.Ordinal);
        Assert.Equal(listings[2], listings[3]);
        Assert.Contains("chain outside6_64", listings[4], StringComparison.Ordinal);
    });
}
