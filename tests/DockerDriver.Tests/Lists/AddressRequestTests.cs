using System.Text;
using CniCore.Config;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Lists;

namespace DockerDriver.Tests.Lists;

public sealed class AddressRequestTests
{
    [Theory]
    [InlineData("""{"type":"host-local"}""", "", "IgnoreUnknown=1;MAC=02:00:00:00:00:01;IP=10.1.0.5",
        """{"cni":{"mine":1,"ips":["10.1.0.5/16","fd00::5"]}}""")]
    [InlineData("""{"type":"static"}""", "", "IgnoreUnknown=1;MAC=02:00:00:00:00:01;IP=10.1.0.5/16",
        """{"cni":{"mine":1,"ips":["10.1.0.5/16","fd00::5"]}}""")]
    [InlineData("""{"type":"static"}""", "ips", "IgnoreUnknown=1;MAC=02:00:00:00:00:01", """{"cni":{"mine":1}}""")]
    public void ApplyTo_PassesTheAddressInEveryConvention(string ipam, string capability, string args, string inConfig)
    {
        var list = NetworkList.Parse(Encoding.UTF8.GetBytes($$$$"""
            {"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge","ipam":{{{{ipam}}}},"args":{"cni":{"mine":1}}},
             {"type":"tuning","capabilities":{"{{{{capability}}}}":true}}]}
            """));
        var request = new AttachmentRequest { ContainerId = ContainerId.Parse("one"), NetNs = "", IfName = InterfaceName.Parse("eth0") };
        var (asked, withAddress) = new AddressRequest(["10.1.0.5/16", "fd00::5"], "02:00:00:00:00:01").ApplyTo(list, request);
        Assert.Equal(args, string.Join(';', withAddress.Args.Select(arg => $"{arg.Key}={arg.Value}")));
        Assert.Equal(inConfig, asked.Plugins[0].Json.GetProperty("args").GetRawText());
        Assert.Equal("""["10.1.0.5/16","fd00::5"]""", withAddress.Capabilities["ips"].GetRawText());
        Assert.Equal("\"02:00:00:00:00:01\"", withAddress.Capabilities["mac"].GetRawText());
        Assert.Equal(list.Plugins[1], asked.Plugins[1]);
    }

    [Theory]
    [InlineData("10.23.0.200", """[[{"subnet":"10.23.0.0/24","rangeEnd":"10.23.0.200"}]]""")]
    [InlineData("10.23.0.200/24", """[[{"subnet":"10.23.0.0/24","rangeEnd":"10.23.0.200"}]]""")]
    [InlineData("10.23.0.9", """[[{"subnet":"10.23.0.0/24","rangeEnd":"10.23.0.127"}]]""")]
    [InlineData("10.23.0.255", """[[{"subnet":"10.23.0.0/24","rangeEnd":"10.23.0.127"}]]""")]
    [InlineData("10.24.0.9", """[[{"subnet":"10.23.0.0/24","rangeEnd":"10.23.0.127"}]]""")]
    public void A_RequestedAddress_OutsideTheRange_WidensItForThisAdd(string ip, string ranges)
    {
        var asked = In("""{"type":"host-local","ranges":[[{"subnet":"10.23.0.0/24","rangeEnd":"10.23.0.127"}]]}""", ip, isExplicit: true);
        Assert.Equal(ranges, asked.Main!.Json.GetProperty("ipam").GetProperty("ranges").GetRawText());
    }

    [Fact]
    public void A_RequestedAddress_BeforeTheRange_OfAnOldSection_WidensIt()
    {
        var asked = In("""{"type":"host-local","subnet":"fd00::/64","rangeStart":"fd00::1000"}""", "fd00::5", isExplicit: true);
        Assert.Equal("fd00::5", asked.Main!.Json.GetProperty("ipam").GetProperty("rangeStart").GetString());
    }

    // Docker's IPAM may have chosen an address without a request: the range is not widened for it.
    [Fact]
    public void A_AddressOfDocker_OutsideTheRange_WidensNothing() =>
        Assert.Equal("10.23.0.127", In("""{"type":"host-local","subnet":"10.23.0.0/24","rangeEnd":"10.23.0.127"}""", "10.23.0.200",
            isExplicit: false).Main!.Json.GetProperty("ipam").GetProperty("rangeEnd").GetString());

    [Fact]
    public void A_RequestedAddress_IsPassedToTheMainPlugin()
    {
        var asked = In("""{"type":"host-local","subnet":"10.23.0.0/24"}""", "10.23.0.9", isExplicit: true);
        Assert.Equal(["loopback", "bridge"], asked.Plugins.Select(plugin => plugin.Type.ToString()));
        Assert.False(asked.Plugins[0].Json.TryGetProperty("args", out _));
        Assert.Equal("""{"cni":{"ips":["10.23.0.9"]}}""", asked.Plugins[1].Json.GetProperty("args").GetRawText());
    }

    private static NetworkList In(string ipam, string ip, bool isExplicit)
    {
        var list = NetworkList.Parse(
            Encoding.UTF8.GetBytes(
                $$"""{"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"loopback"},{"type":"bridge","ipam":{{ipam}} }]}"""));
        return new AddressRequest([ip], "") { IsExplicit = isExplicit }.ApplyTo(
            list, new() { ContainerId = ContainerId.Parse("one"), NetNs = "", IfName = InterfaceName.Parse("eth0") }).List;
    }
}
