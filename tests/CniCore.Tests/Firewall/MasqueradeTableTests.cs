using CniCore.Firewall;
using CniCore.Spec;
using CniCore.Tests.Plugins;

namespace CniCore.Tests.Firewall;

public sealed class MasqueradeTableTests : RulesTest
{
    private static readonly AttachmentTag Tag = new("net", "container", "eth0");
    private static readonly CidrAddress[] Addresses = [CidrAddress.Parse("10.1.0.2/24"), CidrAddress.Parse("fd00:1::2/64")];

    [Theory]
    [InlineData(0, "10.1.0.2")]
    [InlineData(1, "fd00:1::2")]
    public async Task Add_WhatGoesOutside_HasTheHostsAddress(int family, string container)
    {
        var from = Container(1, 2);
        using var server = Udp(Outside, Any(container), 7);
        Assert.Equal(container, await SeenByAsync(server, from, Outsider[family], 7));

        Add(Tag, Addresses);
        Assert.Equal(HostOutside[family], await SeenByAsync(server, from, Outsider[family], 7));
        using var other = Udp(Container(1, 3), Any(container), 7);
        Assert.Equal(container, await SeenByAsync(other, from, container.Replace("2", "3", StringComparison.Ordinal), 7));
    }

    [Theory]
    [InlineData("10.1.0.1")]
    [InlineData("fd00:1::1")]
    public async Task Add_WhatStaysInTheSubnet_KeepsItsAddress(string bridge)
    {
        var from = Container(1, 2);
        Add(Tag, Addresses);

        using var server = Udp(Host, bridge, 7);
        Assert.Equal(bridge[..^1] + "2", await SeenByAsync(server, from, bridge, 7));
    }

    [Fact]
    public void Remove_InWhateverState_LeavesNothing()
    {
        Nft("add table inet others\n");
        var before = Rules();

        Add(Tag, Addresses);
        Assert.True(Has(Tag, Addresses));
        Remove(Tag, Addresses);
        Assert.Equal(before, Rules());
        Remove(Tag, Addresses);
        Assert.Equal(before, Rules());

        Add(Tag, Addresses);
        Remove(Tag, []);
        Assert.Equal(before, Rules());

        Add(Tag, Addresses);
        Nft("flush ruleset\n");
        Assert.False(Has(Tag, Addresses));
        Remove(Tag, Addresses);
        Remove(Tag, []);
        Assert.Empty(Rules());
    }

    [Fact]
    public void Remove_WithHalfOfItGone_RemovesTheRest()
    {
        Add(Tag, Addresses);
        Nft("flush map inet cnid_masquerade near4\n");
        Remove(Tag, Addresses);
        Assert.Empty(Rules());
    }

    [Fact]
    public void Add_OverAnAddressLeftBehind_TakesItOver()
    {
        var old = Tag with { ContainerId = "old" };
        Add(old, [CidrAddress.Parse("10.1.0.2/16"), Addresses[1]]);
        Add(Tag, Addresses);

        Remove(old, Addresses);
        Assert.True(Has(Tag, Addresses));
        Remove(Tag, Addresses);
        Assert.Empty(Rules());
    }

    [Fact]
    public void RemoveAllBut_RemovesTheNetworksStale_AndNobodyElses()
    {
        var stale = Tag with { ContainerId = "stale" };
        var foreign = Tag with { Network = "other" };
        Add(Tag, Addresses);
        Add(stale, [CidrAddress.Parse("10.1.0.3/24")]);
        Add(foreign, [CidrAddress.Parse("10.1.0.4/24")]);

        Firewall.Masquerade.RemoveAllBut("net", new HashSet<string> { Tag.Identity });

        Assert.DoesNotContain(stale.Identity, Rules(), StringComparison.Ordinal);
        Assert.Contains(Tag.Identity, Rules(), StringComparison.Ordinal);
        Assert.Contains(foreign.Identity, Rules(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddAndRemove_ByManyAtOnce_LeaveNothing()
    {
        Assert.Empty(Rules());
        await Parallel.ForAsync(0, 60, (i, _) =>
        {
            var tag = Tag with { ContainerId = $"c{i}", IfName = i % 2 == 0 ? "e\"0" : "e,{0}" };
            CidrAddress[] one = [CidrAddress.Parse($"10.1.0.{i + 2}/24")];
            Add(tag, one);
            Assert.True(Has(tag, one));
            Remove(tag, i % 3 == 0 ? [] : one);
            return ValueTask.CompletedTask;
        });
        Assert.Empty(Rules());
    }

    private void Add(AttachmentTag tag, CidrAddress[] addresses) => Firewall.Masquerade.Add(tag, Translations(addresses));

    private void Remove(AttachmentTag tag, CidrAddress[] addresses) => Firewall.Masquerade.Remove(tag, Translations(addresses));

    private bool Has(AttachmentTag tag, CidrAddress[] addresses) => Firewall.Masquerade.Has(tag, Translations(addresses));

    private static SourceTranslation[] Translations(CidrAddress[] addresses) =>
        [.. addresses.Select(one => new SourceTranslation(new(one.Address, one.Address.GetAddressBytes().Length * 8), one.Network))];
}
