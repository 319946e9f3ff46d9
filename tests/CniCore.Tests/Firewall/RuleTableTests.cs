using System.Net;
using CniCore.Firewall;
using CniCore.Linux.Nftables;
using CniCore.Spec;
using CniCore.Tests.Linux;
using CniCore.Tests.Plugins;

namespace CniCore.Tests.Firewall;

/// <summary>The built-ins' tables are what nft makes of their text, and come and go without nft.</summary>
public sealed class RuleTableTests : LinuxTest
{
    private static readonly AttachmentTag Tag = new("net", "container", "eth0");

    [Theory]
    [InlineData("inet cnid_masquerade")]
    [InlineData("inet cnid_ports")]
    [InlineData("inet cnid_firewall")]
    [InlineData("bridge cnid_macspoof")]
    [InlineData("bridge cnid_routers")]
    public void A1_Definition_IsWhatNftMakesOfItsText(string name)
    {
        var wanted = name switch
        {
            "inet cnid_masquerade" => MasqueradeTable.Definition,
            "inet cnid_ports" => PortTable.Definition,
            "inet cnid_firewall" => MemberTable.Definition,
            "bridge cnid_routers" => RouterTable.Definition,
            _ => MacSpoofTable.Definition,
        };
        Assert.Equal(name, wanted.Table.ToString());
        var byNft = Space("nft").Inside(() =>
        {
            NftProgram.Run(wanted.Text);
            using var socket = NftSocket.Open();
            Assert.Empty(wanted.Differences(socket.Read(wanted.Table)));
            return NftProgram.Run("list ruleset\n");
        });
        Space("us").Inside(() =>
        {
            using var socket = NftSocket.Open();
            socket.Replace(wanted);
            Assert.Empty(wanted.Differences(socket.Read(wanted.Table)));
            Assert.Equal(byNft, NftProgram.Run("list ruleset\n"));
        });
    }

    [Fact]
    public void TableThatComesAgain_IsAsBefore_AndHasTheChainsThatItNeedsNow()
    {
        var space = Space("again");
        var masquerade = FirewallOf(space).Masquerade;
        string Rules() => space.Inside(() => NftProgram.Run("list ruleset\n"));
        var listings = new List<string>();
        foreach (var text in (string[])["10.1.0.2/24", "10.1.0.2/24", "10.1.0.2/16", "10.1.0.2/16", "fd00::2/64"])
        {
            var address = CidrAddress.Parse(text);
            SourceTranslation[] one = [new(new(address.Address, address.Address.GetAddressBytes().Length * 8), address.Network)];
            masquerade.Add(Tag, one);
            listings.Add(Rules());
            Assert.True(masquerade.Has(Tag, one));
            masquerade.Remove(Tag, one);
            Assert.Equal("", Rules());
        }
        Assert.Equal(listings[0], listings[1]);
        Assert.Contains("chain outside4_16", listings[2], StringComparison.Ordinal);
        Assert.Equal(listings[2], listings[3]);
        Assert.Contains("chain outside6_64", listings[4], StringComparison.Ordinal);
    }

    [Fact]
    public void A1_WhereNoDescriptorIsLeft_TheFaultNamesWhatWasAsked()
    {
        _ = Space("host");
        using (OtherProcess.Start(PathOf("host"), nameof(OtherProcess.UseUpDescriptors), PathOf("ready"), "-"))
            Assert.Contains("NetlinkException: opening a netlink socket: Too many open files", File.ReadAllText(PathOf("ready")),
                StringComparison.Ordinal);
    }

    [Fact]
    public void A1_AttachmentsWithinATableOfThousands_GoByOurOwnMessages()
    {
        var table = FirewallOf(Space("many")).Ports.Table;
        var elements = Enumerable.Range(1, 5000)
            .Select(port => new RuleElement("any4", $"tcp . {port}", Tag.ToString(), $"10.1.0.2 . {port}")).ToList();
        elements.Add(SubnetMatch.Pair(Tag, IPAddress.Parse("10.1.0.2"), IPNetwork.Parse("10.1.0.0/24"), "goto mask"));
        table.Add(elements, _ => false);
        Assert.Equal(5000, table.Elements("any4").Count);

        var taken = Assert.Throws<CniCore.Linux.Netlink.NetlinkException>(() => table.Add(elements[4990..], _ => false));
        Assert.True(RuleTable.IsTaken(taken));
        Assert.Equal(5001, table.Delete(Tag.Owns).Count);
        Assert.False(table.Exists());
    }
}
