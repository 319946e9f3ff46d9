using System.Text.Json.Nodes;
using CniCore.Spec;

namespace CniCore.Tests.Plugins;

/// <summary>The built-in static beside the reference's. On purpose: CHECK fails where ADD's result has not the address; the reference passes.</summary>
public sealed class StaticTests : SideBySide
{
    [Theory]
    [InlineData("""{"ipam":{"type":"static","addresses":[{"address":"10.5.0.9/24","gateway":"10.5.0.1"},{"address":"fd05::9/64"}],"routes":[{"dst":"10.99.0.0/16","gw":"10.5.0.7"},{"dst":"0.0.0.0/0"}],"dns":{"nameservers":["10.0.0.53"],"domain":"a.b","search":["c"],"options":["d"]}}}""", "")]
    [InlineData("""{"ipam":{"type":"static","addresses":[{"address":"10.5.0.9/24"}]}}""", "IP=10.6.0.2/24,fd06::2/64;GATEWAY=10.6.0.1,10.5.0.254")]
    [InlineData("""{"ipam":{"type":"static","addresses":[{"address":"10.5.0.9/24","gateway":"10.5.0.1"}]},"args":{"cni":{"ips":["10.7.0.3/16"]}}}""", "")]
    [InlineData("""{"ipam":{"type":"static"},"args":{"cni":{"ips":["10.7.0.3/16"]}},"runtimeConfig":{"ips":["10.8.0.4/16","fd08::4/64"]}}""", "")]
    public void AddAndCheck_AnswerWhatTheReferenceDoes(string keys, string args)
    {
        var config = Config(keys);
        var ours = Run(true, CniCommand.Add, "static", "c1", "/proc/1/ns/net", config, args: args);
        var reference = Run(false, CniCommand.Add, "static", "c1", "/nowhere", config, args: args);

        Assert.Equal(JsonNode.Parse(reference)!.ToJsonString(), JsonNode.Parse(ours)!.ToJsonString());
        Run(true, CniCommand.Check, "static", "c1", "/nowhere", With(config, "prevResult", reference), args: args);
        Run(true, CniCommand.Del, "static", "c1", "", config);
    }

    [Fact]
    public void Check_AddressNotInTheResult_Fails()
    {
        var config = Config("""{"ipam":{"type":"static","addresses":[{"address":"10.5.0.9/24"}]}}""");
        var fault = Assert.Throws<CniPluginException>(() => Run(true, CniCommand.Check, "static", "c1", "/nowhere", With(config, "prevResult", """{"cniVersion":"1.0.0","ips":[{"address":"10.5.0.8/24"}]}""")));
        Assert.Contains("10.5.0.9", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"ipam":{"type":"static"},"runtimeConfig":{"ips":["10.8.0.4"]}}""", "", "an entry in the 'ips' field is NOT in CIDR notation")]
    [InlineData("""{"ipam":{"type":"static"}}""", "IP=10.6.0.2/24;GATEWAY=me", "invalid gateway address: me")]
    [InlineData("""{"ipam":{"type":"static","addresses":[{"address":"10.8.0.4"}]}}""", "", "the 'address' field is expected to be in CIDR nota")]
    public void Add_WrongAddress_IsRefusedInALine(string keys, string args, string line) =>
        Assert.StartsWith(line, Assert.Throws<CniPluginException>(() => Run(true, CniCommand.Add, "static", "c1", "/nowhere", Config(keys), args: args)).Message, StringComparison.Ordinal);

    private static string Config(string keys) => With(With(With(keys, "name", "\"net\""), "type", "\"bridge\""), "cniVersion", "\"1.0.0\"");
}
