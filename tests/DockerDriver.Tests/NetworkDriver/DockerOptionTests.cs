using System.Text.Json;
using DockerDriver.Engine;
using DockerDriver.Errors;
using DockerDriver.NetworkDriver;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.Tests.NetworkDriver;

/// <summary>Docker's own options, as the driver gets them.</summary>
public sealed class DockerOptionTests
{
    private const string Bridge = "com.docker.network.bridge.";

    [Theory]
    [InlineData("com.docker.network.enable_ipv4", "false", "requires Docker 28 or later")]
    [InlineData("com.docker.network.enable_ipv6", "true", "use --ipv6")]
    public void B_FamilyOptionThatAnOldEngineIgnores_IsRefused(string option, string value, string words) =>
        Assert.Contains(words, Refusal($$"""{"{{option}}":"{{value}}"}"""), StringComparison.Ordinal);

    [Theory]
    [InlineData("parent", "eth0", "-o cni.type=macvlan -o cni.master=eth0")]
    [InlineData("macvlan_mode", "private", "-o cni.type=macvlan -o cni.mode=private")]
    [InlineData("ipvlan_mode", "l3", "-o cni.type=ipvlan -o cni.mode=l3")]
    [InlineData("ipvlan_flag", "vepa", "remove it")]
    [InlineData("mtu", "1400", "'com.docker.network.driver.mtu'?")]
    [InlineData(Bridge + "host_ipv4", "10.0.0.1", "'com.docker.network.host_ipv4'?")]
    [InlineData(Bridge + "default_bridge", "true", "remove it")]
    [InlineData("com.docker.network.driver.overlay.vxlanid_list", "7", "overlay")]
    [InlineData("com.docker.network.windowsshim.hnsid", "7", "Windows")]
    [InlineData(Bridge + "colour", "red", "trusted_host_interfaces")]
    [InlineData(Bridge + "gateway_mode_ipv4", "router", "nat, nat-unprotected, routed")]
    [InlineData(Bridge + "gateway_mode_ipv6", "isolated", "requires --internal")]
    [InlineData(Bridge + "host_binding_ipv4", "localhost", "is not an IP address")]
    [InlineData(Bridge + "inhibit_ipv4", "perhaps", "neither true nor false")]
    [InlineData(Bridge + "trusted_host_interfaces", "a-name-that-is-too-long", "too long")]
    [InlineData("com.docker.network.host_ipv4", "fd00::1", "is not an IPv4 address")]
    [InlineData("com.docker.network.host_ipv6", "10.0.0.1", "is not an IPv6 address")]
    [InlineData("com.docker.network.container_iface_prefix", "a/b", "an interface name")]
    [InlineData("cni.macspoofchk", "perhaps", "neither true nor false")]
    [InlineData("cni.hairpinMode", "true", "add -o cni.type=TYPE")]
    public void B_OtherOptions_AreRefusedWithTheAlternative(string option, string value, string words)
    {
        var said = Refusal($$"""{"{{option}}":"{{value}}"}""");
        Assert.Contains($"option '{option}'", said, StringComparison.Ordinal);
        Assert.Contains(words, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("parent", "-o cni.master=1")]
    [InlineData(Bridge + "gateway_mode_ipv4", "cni.ipMasq")]
    [InlineData(Bridge + "inhibit_ipv4", "cni.isGateway=false")]
    [InlineData("com.docker.network.host_ipv4", "cni.ipMasq=false")]
    [InlineData(Bridge + "trusted_host_interfaces", "DOCKER-USER")]
    public void B_OptionsOfGeneratedNetworks_AreRefusedBesideAPlugin_WithItsKey(string option, string words) =>
        Assert.Contains(words, Refusal($$"""{"cni.type":"loopback","{{option}}":"1"}"""), StringComparison.Ordinal);

    [Theory]
    [InlineData("29.7.2", "com.docker.network.endpoint.ifname",
        "ignored by this engine, 29.7.2: com.docker.network.endpoint.ifname from Docker 29.8 on")]
    [InlineData("20.10.24+dfsg1", "com.docker.network.endpoint.ifname",
        "ignored by this engine, 20.10.24+dfsg1: com.docker.network.endpoint.ifname from Docker 29.8 on")]
    [InlineData("29.8.0-rc.1", "com.docker.network.endpoint.ifname", null)]
    [InlineData("30.0.0", "com.docker.network.endpoint.ifname", null)]
    [InlineData("", "com.docker.network.endpoint.ifname",
        "effective on newer engines only: com.docker.network.endpoint.ifname from Docker 29.8 on")]
    [InlineData("", "com.docker.network.portmap", null)]
    public void B_OptionThatTheEngineIgnores_IsReported(string version, string option, string? said)
    {
        var engine = new EngineVersion();
        engine.Set(version);
        Assert.Equal(said, engine.IgnoredOptions([option, "cni.args"]));
    }

    [Fact]
    public void B_NetworkOfAnEarlierCnid_IsReadWithDockersDefaults()
    {
        var bridge = JsonSerializer.Deserialize(
            """
            {"id":"n1","list":{"name":"x","plugins":[{"type":"bridge"}]},
             "bridge":{"name":"cni-1","gateways":["10.9.0.1/24"],"internal":false,"icc":true}}
            """,
                StateJson.Default.StoredNetwork)!.Bridge!;
        Assert.Empty(bridge.TrustedInterfaces);
        Assert.Equal((GatewayMode.Nat, GatewayMode.Nat), (bridge.ModeIPv4, bridge.ModeIPv6));
        Assert.Empty(JsonSerializer.Deserialize(
            """{"id":"e1","networkId":"n1","listName":"x"}""", StateJson.Default.StoredEndpoint)!.OpenPorts);
    }

    // Docker 28 and later, before the network's pools are requested.
    [Theory]
    [InlineData(Bridge + "gateway_mode_ipv4", "isolated", true, true, false)]
    [InlineData(Bridge + "gateway_mode_ipv6", "isolated", true, false, true)]
    [InlineData(Bridge + "inhibit_ipv4", "true", true, true, false)]
    [InlineData(Bridge + "inhibit_ipv4", "true", false, false, false)]
    [InlineData(Bridge + "gateway_mode_ipv4", "routed", false, false, false)]
    [InlineData(Bridge + "gateway_mode_ipv4", "nonsense", false, false, false)]
    public void B_GatewayThatNobodyNeeds_IsNotReserved(string option, string value, bool isInternal, bool skipsIPv4, bool skipsIPv6)
    {
        var asked = new GwAllocCheckRequest(Options($$"""{"{{option}}":"{{value}}"}""", isInternal));
        Assert.Equal(new(skipsIPv4, skipsIPv6), NetworkService.GatewaysNotNeeded(asked));
    }

    private static string Refusal(string options) => Assert.Throws<RefusedException>(() =>
        NetworkOptions.From(new CreateNetworkRequest(
            "n1", Options(options, isInternal: false), [new AddressPool("LocalDefault", "10.9.0.0/24")]))).Message;

    private static Dictionary<string, JsonElement> Options(string options, bool isInternal) => new()
    {
        ["com.docker.network.generic"] = JsonElement.Parse(options),
        ["com.docker.network.internal"] = JsonElement.Parse(isInternal ? "true" : "false"),
    };
}
