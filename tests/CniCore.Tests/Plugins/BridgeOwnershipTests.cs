using CniCore.Config;
using CniCore.Plugins.Bridge;
using CniCore.Spec;

namespace CniCore.Tests.Plugins;

/// <summary>A bridge that cnid made goes with its network; one that somebody else made is left as it was found.</summary>
public sealed class BridgeOwnershipTests : SideBySideTest
{
    private const string Look = "ip -d -o link show br-lab | sed -E 's/[a-z_]+_timer +[^ ]+//g; "
        + "s/(bridge_id|designated_root|tso_max_size|state|qdisc|mode) +[^ ]+//g; s/NO-CARRIER,|,LOWER_UP//g'; ip -o address show br-lab "
            + "| { grep -v fe80 || true; } | sed -E 's/ brd [0-9.]+//'";
    private static readonly PluginCase Gateway = Case("""{"isGateway":true,DUAL}""");

    [Theory]
    [InlineData("ip address add 10.5.0.1/24 dev br-lab; ip address add fd00:77::1/64 dev br-lab")]
    [InlineData("ip link set br-lab alias 'made by cnid'")]
    [InlineData("ip link add tap0 type veth peer name tap1; ip link set tap0 master br-lab; ip link set tap0 up")]
    public void A5_AdministratorsBridge_StaysAsItWas_WithItsAddresses(string more)
    {
        var world = World("ours");
        var before = Shell(world.Host, $"ip link add br-lab type bridge; ip link set br-lab up; {more}; {Look}");

        world.Run(CniCommand.Add, Gateway, builtin: true);
        Assert.Contains("10.5.0.1/24", Shell(world.Host, Look), StringComparison.Ordinal);
        Assert.Contains("fd05::1/64", Shell(world.Host, Look), StringComparison.Ordinal);
        world.Run(CniCommand.Del, Gateway, builtin: true);
        Assert.Contains("fd05::1/64", Shell(world.Host, Look), StringComparison.Ordinal); // the network's, not the attachment's
        Collect(world);

        Assert.Equal(before, Shell(world.Host, Look));
    }

    [Fact]
    public void A5_AdministratorsBridge_ThatWasDownAndNotPromiscuous_IsSoAgain()
    {
        var world = World("ours");
        var before = Shell(world.Host, $"ip link add br-lab type bridge; {Look}");
        var what = Case("""{"promiscMode":true}""");

        world.Run(CniCommand.Add, what, builtin: true);
        Assert.Contains("PROMISC,UP", Shell(world.Host, Look), StringComparison.Ordinal);
        world.Run(CniCommand.Del, what, builtin: true);
        Collect(world);

        Assert.Equal(before, Shell(world.Host, Look));
    }

    [Fact]
    public void A5_AddressTakenByForce_IsGivenBack()
    {
        var world = World("ours");
        var before =
            Shell(world.Host, $"ip link add br-lab type bridge; ip link set br-lab up; ip address add 10.77.0.1/24 dev br-lab; {Look}");
        var what = Case("""{"isGateway":true,"forceAddress":true,DUAL}""");

        world.Run(CniCommand.Add, what, builtin: true);
        Assert.DoesNotContain("10.77.0.1", Shell(world.Host, Look), StringComparison.Ordinal);
        world.Run(CniCommand.Del, what, builtin: true);
        Collect(world);

        Assert.Equal(before, Shell(world.Host, Look));
    }

    [Fact]
    public void A5_BridgeOfOurs_ThatAnAdministratorMadeAgain_Stays()
    {
        var world = World("ours");
        world.Run(CniCommand.Add, Gateway, builtin: true);
        world.Run(CniCommand.Del, Gateway, builtin: true);
        var before = Shell(world.Host, "ip link delete br-lab; ip link add br-lab type bridge; ip link set br-lab alias 'made by cnid'; "
            + $"ip address add 10.5.0.1/24 dev br-lab; ip link set br-lab up; {Look}");

        Collect(world);
        Assert.Equal(before, Shell(world.Host, Look));
    }

    [Fact]
    public void A5_BridgeOfOurs_GoesWithItsNetwork_ThoughItsAliasWasChanged()
    {
        var world = World("ours");
        world.Run(CniCommand.Add, Gateway, builtin: true);
        Shell(world.Host, "ip link set br-lab alias 'the administrator says hello'");
        world.Run(CniCommand.Del, Gateway, builtin: true);
        Collect(world);

        Assert.Null(LinkIn(world.OnHost(), "br-lab"));
    }

    [Fact]
    public void A5_TwoNetworksOnAnAdministratorsBridge_ShareTheGatewayUntilTheLastGoes()
    {
        var world = World("ours");
        var before = Shell(world.Host, $"ip link add br-lab type bridge; ip link set br-lab up; {Look}");
        world.Run(CniCommand.Add, Gateway, builtin: true);
        world.Run(CniCommand.Del, Gateway, builtin: true);
        var second = NetworkList.Parse(
            """{"cniVersion":"1.0.0","name":"net2","plugins":[{"type":"bridge","bridge":"br-lab"}]}"""u8.ToArray());

        var bridges = new NetworkBridges(world.Firewall.Host);
        bridges.Ensure(second, [CidrAddress.Parse("10.5.0.1/24")]);
        Collect(world);
        Assert.Contains("10.5.0.1/24", Shell(world.Host, Look), StringComparison.Ordinal);
        Assert.DoesNotContain("fd05::1", Shell(world.Host, Look), StringComparison.Ordinal);

        Assert.Empty(bridges.Release(second));
        Assert.Equal(before, Shell(world.Host, Look));
    }

    private static PluginCase Case(string keys) => new("bridge", ("{\"bridge\":\"br-lab\"," + keys[1..]).Replace(
        "DUAL", """ "ipam":{"type":"host-local","dataDir":"FOLDER/ipam","ranges":[[{"subnet":"10.5.0.0/24"}],[{"subnet":"fd05::/64"}]]} """,
            StringComparison.Ordinal));

    private static void Collect(PluginWorld world) => world.Run(
        CniCommand.Gc, new("bridge", """{"cniVersion":"1.1.0","bridge":"br-lab","cni.dev/valid-attachments":[]}"""), builtin: true,
            containerId: "", netns: "", ifName: "");
}
