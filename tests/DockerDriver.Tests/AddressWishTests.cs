using System.Text;
using CniCore.Config;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Networks;

namespace DockerDriver.Tests;

public sealed class AddressWishTests
{
    [Theory]
    [InlineData("""{"type":"host-local"}""", "", "IgnoreUnknown=1;MAC=02:00:00:00:00:01;IP=10.1.0.5", """{"cni":{"mine":1,"ips":["10.1.0.5/16","fd00::5"]}}""")]
    [InlineData("""{"type":"static"}""", "", "IgnoreUnknown=1;MAC=02:00:00:00:00:01;IP=10.1.0.5/16", """{"cni":{"mine":1,"ips":["10.1.0.5/16","fd00::5"]}}""")]
    [InlineData("""{"type":"static"}""", "ips", "IgnoreUnknown=1;MAC=02:00:00:00:00:01", """{"cni":{"mine":1}}""")]
    public void In_AList_SaysItInEachWayThatItsPluginsMayListenTo(string ipam, string capability, string args, string inConfig)
    {
        var list = NetworkListParser.Parse(Encoding.UTF8.GetBytes($$$$"""
            {"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge","ipam":{{{{ipam}}}},"args":{"cni":{"mine":1}}},{"type":"tuning","capabilities":{"{{{{capability}}}}":true}}]}
            """), source: null);
        var request = new AttachmentRequest { ContainerId = ContainerId.Parse("one"), NetNs = "", IfName = InterfaceName.Parse("eth0") };
        var (asked, wishing) = new AddressWish(["10.1.0.5/16", "fd00::5"], "02:00:00:00:00:01").In(list, request);
        Assert.Equal(args, CniArgs.Join(wishing.Args));
        Assert.Equal(inConfig, asked.Plugins[0].Json.GetProperty("args").GetRawText());
        Assert.Equal("""["10.1.0.5/16","fd00::5"]""", wishing.Capabilities["ips"].GetRawText());
        Assert.Equal("\"02:00:00:00:00:01\"", wishing.Capabilities["mac"].GetRawText());
        Assert.Equal(list.Plugins[1], asked.Plugins[1]);
    }
}
