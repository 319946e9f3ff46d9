using System.Text;
using System.Text.Json;
using CniCore.Cache;
using CniCore.Spec;
using DockerDriver.Dhcp;

namespace DockerDriver.Tests.Dhcp;

public sealed class DhcpConfigTests
{
    [Theory]
    [InlineData("""{"type":"macvlan","ipam":{"type":"dhcp"}}""", "/run/cni/dhcp.sock")]
    [InlineData("""{"type":"macvlan","ipam":{"type":"dhcp","daemonSocketPath":"/run/own.sock"}}""", "/run/own.sock")]
    [InlineData("""{"type":"macvlan","ipam":{"type":"host-local"},"comment":"dhcp"}""", null)]
    [InlineData("""{"type":"dhcp"}""", null)]
    [InlineData("""{"type":"bridge","ipam":{}}""", null)]
    public void Socket_IsTheOneOfALease(string config, string? socket) =>
        Assert.Equal(socket, DhcpConfig.SocketOf(Encoding.UTF8.GetBytes(config)));

    [Fact]
    public void SameInterfaceName_NeedsNoIdentifier()
    {
        var config = For("""{"type":"dhcp"}""", "eth0");
        Assert.Equal("lan", config.GetProperty("name").GetString());
        Assert.Equal("1.0.0", config.GetProperty("cniVersion").GetString());
        Assert.False(config.GetProperty("ipam").TryGetProperty("provide", out _));
    }

    [Fact]
    public void AnotherInterfaceName_IsIdentifiedAsBefore()
    {
        var config = For("""{"type":"dhcp","provide":[{"option":"host-name","value":"app"}]}""", "eth1");
        Assert.Equal(
            ["host-name=app", "dhcp-client-identifier=\0id/lan/eth0"],
            config.GetProperty("ipam").GetProperty("provide").EnumerateArray()
                .Select(option => $"{option.GetProperty("option")}={option.GetProperty("value")}"));
    }

    [Fact]
    public void AnIdentifierOfTheUsers_Stays()
    {
        var config = For("""{"type":"dhcp","provide":[{"option":"dhcp-client-identifier","value":"mine"}]}""", "eth1");
        Assert.Equal("mine", Assert.Single(config.GetProperty("ipam").GetProperty("provide").EnumerateArray())
            .GetProperty("value").GetString());
    }

    private static JsonElement For(string ipam, string ifName)
    {
        var attachment = new Attachment
        {
            ContainerId = "id",
            Network = "lan",
            IfName = "eth0",
            NetNs = "/run/netns/holding",
            List = NetworkList.Parse(Encoding.UTF8.GetBytes(
                $$"""{"cniVersion":"1.0.0","name":"lan","plugins":[{"type":"macvlan","ipam":{{ipam}} }]}""")),
        };
        return Parse(Encoding.UTF8.GetString(DhcpConfig.For(attachment, ifName)));
    }

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
