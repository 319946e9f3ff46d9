using CniCore.Linux.Nftables;
using CniCore.Plugins;
using CniCore.Spec;

namespace CniCore.Tests.Plugins;

/// <summary>
/// The masquerade of the reference's bridge and ptp, which their DEL leaves where it finds no interface, is removed after that DEL.
/// </summary>
public sealed class LeftMasqueradeTests : SideBySideTest
{
    private const string Both = """
        {"ipMasq":true,"ipam":{"type":"host-local","dataDir":"FOLDER/ipam","ranges":[[{"subnet":"10.9.0.0/24"}],[{"subnet":"fd09::/64"}]]}}
        """;

    [Theory]
    [InlineData("bridge", "")]
    [InlineData("bridge", "gone")]
    [InlineData("ptp", "")]
    [InlineData("ptp", "gone")]
    public void DelByTheExecutableWhereTheNamespaceIsGone_LeavesNothing_AndWhatAnotherContainerHasStays(string type, string netns)
    {
        Assert.SkipUnless(ReferenceInvoker.IsThere && File.Exists("/usr/sbin/iptables"), "needs the reference plugins and iptables");
        var world = World("theirs");
        Space("second");
        var what = new PluginCase(type, Both);
        var result = world.Run(CniCommand.Add, what, builtin: false);
        world.Run(CniCommand.Add, what, builtin: false, netns: PathOf("second"), containerId: "c2");

        world.Run(CniCommand.Del, what, builtin: false, result, netns.Length == 0 ? "" : PathOf(netns));

        foreach (var table in new[] { "ip nat", "ip6 nat" })
        {
            Assert.False(HasChain(world, table, "c1"));
            Assert.True(HasChain(world, table, "c2"));
            var jumps = world.Firewall.Host.Nftables.FilterRules(NftTable.Parse(table), "POSTROUTING").Where(rule => rule.IsJump);
            Assert.Equal([LeftMasquerade.ChainOf("net1", "c2")], jumps.Select(rule => rule.Target));
        }
    }

    private static bool HasChain(PluginWorld world, string table, string container) =>
        world.Firewall.Host.Nftables.HasChain(NftTable.Parse(table), LeftMasquerade.ChainOf("net1", container));
}
