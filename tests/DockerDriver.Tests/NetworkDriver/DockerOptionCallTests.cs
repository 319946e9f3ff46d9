using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using DockerDriver.State;

namespace DockerDriver.Tests.NetworkDriver;

/// <summary>The effects of Docker's own options of networks and endpoints.</summary>
public sealed class DockerOptionCallTests : PluginSocketTest
{
    private const string Pool4 = """{"AddressSpace":"LocalDefault","Pool":"10.9.0.0/24","Gateway":"10.9.0.1/24"}""";
    private const string Pool6 = """{"AddressSpace":"LocalDefault","Pool":"fd09::/64","Gateway":"fd09::1/64"}""";
    private const string Bridge = "com.docker.network.bridge.";

    [Fact]
    public async Task B_NetworkWithoutIPv4_IsGenerated()
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root: nftables");
        Assert.Equal("{}", await CreateAsync("{}", "", Pool6, """, "com.docker.network.enable_ipv4":false"""));
        Assert.Equal(["fd09::1/64"], Stored().Bridge!.Gateways);
        Assert.Contains("neither IPv4 nor IPv6", await CreateAsync("{}", "", "", """, "com.docker.network.enable_ipv4":false"""),
            StringComparison.Ordinal);
    }

    // From -o, or from the engine's default-network-opts.
    [Fact]
    public async Task B_OptionsOfTheEngine_PassThrough()
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root: nftables");
        const string Options =
            """{"com.docker.network.advertise_addr_nmsgs":"1","com.docker.network.advertise_addr_ms":"100","""
            + """ "com.docker.network.enable_ipv4":"true","com.docker.network.enable_ipv6":"true"}""";
        Assert.Equal("{}", await CreateAsync(Options, Pool4, Pool6));
    }

    [Fact]
    public async Task B_HostBindingAndInterfacePrefix_AreForAnyList()
    {
        const string Options =
            $$"""{"cni.type":"bridge","cni.ipam.type":"host-local","cni.ipam.subnet":"10.9.0.0/24","""
            + $$""" "{{Bridge}}host_binding_ipv4":"127.0.0.1","com.docker.network.container_iface_prefix":"net"}""";
        Assert.Equal("{}", await CreateAsync(Options, """{"AddressSpace":"null","Pool":"0.0.0.0/0"}"""));
        Assert.Equal(("127.0.0.1", "net"), (Stored().HostBinding, Stored().InterfacePrefix));
    }

    [Fact]
    public async Task B_InterfaceName_IsAnsweredAsDstName_AndItsPrefixAsDstPrefix()
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root: network interfaces");
        Assert.Equal("{}", await CreateAsync("""{"com.docker.network.container_iface_prefix":"lan"}""", Pool4));
        const string Endpoint =
            """{"NetworkID":"n1","EndpointID":"e1","Interface":{"Address":"10.9.0.5/24"},"Options":"""
                + """{"com.docker.network.endpoint.ifname":"front0"}}""";
        Assert.DoesNotContain("Err", (await PostAsync("NetworkDriver.CreateEndpoint", Endpoint)).Body, StringComparison.Ordinal);

        var answer = (await PostAsync("NetworkDriver.Join", """{"NetworkID":"n1","EndpointID":"e1","SandboxKey":"/run/nowhere"}""")).Body;

        var joined = JsonNode.Parse(answer)!["InterfaceName"] ?? throw new InvalidOperationException(answer);
        Assert.Equal(("lan", "front0"), ((string)joined["DstPrefix"]!, (string)joined["DstName"]!));
        Assert.Equal("{}", (await PostAsync("NetworkDriver.DeleteEndpoint", """{"NetworkID":"n1","EndpointID":"e1"}""")).Body);
        Assert.Contains(
            "too long",
                (await PostAsync("NetworkDriver.CreateEndpoint",
                Endpoint.Replace("front0", "a-name-that-is-too-long", StringComparison.Ordinal))).Body, StringComparison.Ordinal);
    }

    private async Task<string> CreateAsync(string options, string pools4, string pools6 = "", string more = "") =>
        (await PostAsync("NetworkDriver.CreateNetwork", $$$"""
            {"NetworkID":"n1","Options":{"com.docker.network.generic":{{{options}}}{{{more}}}},
             "IPv4Data":[{{{pools4}}}],"IPv6Data":[{{{pools6}}}]}
            """)).Body;

    private StoredNetwork Stored() =>
        JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(Settings.NetworksFolder, "n1.json")), StateJson.Default.StoredNetwork)!;
}
