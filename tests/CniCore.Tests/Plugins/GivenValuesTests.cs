using System.Text;
using CniCore.Plugins;
using CniCore.Plugins.Bridge;
using CniCore.Plugins.PortMap;
using CniCore.Spec;

namespace CniCore.Tests.Plugins;

/// <summary>How built-ins read their requests: null, and values of another kind.</summary>
public sealed class GivenValuesTests
{
    [Fact]
    public void A_Null_IsNotGiven_ToBuiltIns()
    {
        var bridge =
            BridgeConfig.Of(
                Call(
                    "bridge",
                        """ "bridge":null,"isGateway":null,"mtu":null,"vlan":null,"vlanTrunk":null,"dns":null,"""
            + """ "ipam":null,"prevResult":null,"runtimeConfig":null,"args":{"cni":null} """));
        Assert.Equal(("cni0", false, null), (bridge.Name, bridge.IsGateway, bridge.Mtu));
        Assert.Equal(
            80, Assert.Single(PortMapConfig.Of(
                Call(
                    "portmap",
                        """ "masqAll":null,"snat":null,"conditionsV4":null,"runtimeConfig":{"portMappings":["""
                            + """{"hostPort":80,"containerPort":80,"protocol":null,"hostIP":null}]} """)).Mappings).HostPort);
    }

    [Theory]
    [InlineData(""" "mtu":"1400" """, "mtu: the string \"1400\" is not a whole number")]
    [InlineData(""" "isGateway":"true" """, "isGateway: the string \"true\" is neither true nor false")]
    [InlineData(""" "bridge":5 """, "bridge: the value is not of the type that this key takes")]
    [InlineData(""" "vlanTrunk":[{"id":"5"}] """, "vlanTrunk[0].id: the string \"5\" is not a whole number")]
    [InlineData(""" "vlanTrunk":[null] """, "vlanTrunk[0] is null")]
    public void A_ValueOfAnotherKind_IsRefusedByName_OfBuiltIns(string keys, string words) =>
        Assert.Equal($"failed to load netconf: {words}",
            Assert.Throws<CniPluginException>(() => BridgeConfig.Of(Call("bridge", keys))).Message);

    private static BuiltinCall Call(string type, string keys) => BuiltinCall.Of(
        new(CniCommand.Add, PluginType.Parse(type), "c", "", "eth0", "",
            Encoding.UTF8.GetBytes($$"""{"name":"x","cniVersion":"1.0.0","type":"{{type}}",{{keys}}}""")));
}
