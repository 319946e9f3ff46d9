using System.Text;
using CniCore.Config;
using CniCore.Spec.Shapes;
using CniCore.Spec;

namespace CniCore.Tests.Config;

/// <summary>What a list's keys take, said by name and line before anything else reads it.</summary>
public sealed class ListShapeTests : IDisposable
{
    private const string Bridge = """{"type":"bridge","ipam":{"type":"host-local","subnet":"10.1.0.0/24"}}""";
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(
        """{"name":"x","cniVersion":null,"cniVersions":null,"disableCheck":null,"disableGC":null,"""
            + """ "loadOnlyInlinedPlugins":null,"plugins":[{"type":"bridge"}]}""", "bridge")]
    [InlineData("""{"name":"x","plugins":null,"type":"ptp"}""", "ptp")]
    [InlineData(
        """{"name":"x","plugins":[{"type":"bridge","capabilities":null,"ipam":null,"dns":null,"""
            + """ "args":null,"isGateway":null,"mtu":null,"vlanTrunk":null}]}""", "bridge")]
    [InlineData(
        """{"name":"x","plugins":[{"type":"bridge","ipam":{"type":"host-local","subnet":"10.1.0.0/24","ranges":null,"""
            + """ "routes":null,"gateway":null,"rangeEnd":null,"dataDir":null}}]}""", "bridge")]
    [InlineData("""{"name":"x","plugins":[{"type":"bridge","ipam":{"type":null}},{"type":"tuning","sysctl":null,"mtu":null}]}""",
        "bridge, tuning")]
    public void A_Null_IsNotGiven(string json, string plugins) =>
        Assert.Equal(plugins, string.Join(", ", Read(json).Plugins.Select(plugin => plugin.Type)));

    [Theory]
    [InlineData("\"mtu\": \"1400\"", "plugins[0].mtu is the string \"1400\", not a number: write 1400")]
    [InlineData("\"MTU\": \"1400\"", "plugins[0].MTU is the string \"1400\", not a number: write 1400")]
    [InlineData("\"mtu\": 1400.5", "plugins[0].mtu is the number 1400.5, not a whole number")]
    [InlineData("\"isGateway\": \"true\"", "plugins[0].isGateway is the string \"true\", neither true nor false: write true")]
    [InlineData("\"ipMasq\": 1", "plugins[0].ipMasq is the number 1, neither true nor false")]
    [InlineData("\"bridge\": 5", "plugins[0].bridge is the number 5, not a string: write \"5\"")]
    [InlineData("\"capabilities\": {\"mac\": \"true\"}",
        "plugins[0].capabilities.mac is the string \"true\", neither true nor false: write true")]
    [InlineData("\"capabilities\": [\"mac\"]", "plugins[0].capabilities is a list, not an object")]
    [InlineData("\"vlanTrunk\": [{\"id\": \"7\"}]", "plugins[0].vlanTrunk[0].id is the string \"7\", not a number: write 7")]
    [InlineData("\"vlanTrunk\": [null]", "plugins[0].vlanTrunk[0] is null")]
    [InlineData("\"ipam\": {\"type\": \"host-local\", \"subnet\": \"192.168.010.0/24\"}",
        "plugins[0].ipam.subnet is wrong: \"192.168.010.0/24\" is not an address with a prefix length")]
    [InlineData("\"ipam\": {\"type\": \"host-local\", \"ranges\": [[{\"subnet\": \"0xa.4.0.0/24\"}]]}",
        "plugins[0].ipam.ranges[0][0].subnet is wrong: \"0xa.4.0.0/24\"")]
    [InlineData("\"ipam\": {\"type\": \"host-local\", \"ranges\": [[{\"rangeStart\": \"10.1.0.010\"}]]}",
        "plugins[0].ipam.ranges[0][0].rangeStart is wrong: \"10.1.0.010\" is not an address: its numbers are decimal, without leading "
        + "zeros")]
    [InlineData("\"ipam\": {\"type\": \"host-local\", \"routes\": [{\"dst\": \"0.0.0.0/0\", \"mtu\": \"1400\"}]}",
        "plugins[0].ipam.routes[0].mtu is the string \"1400\"")]
    [InlineData("\"ipam\": {\"type\": \"static\", \"addresses\": [{\"address\": \"10.1.0.5\"}]}",
        "plugins[0].ipam.addresses[0].address is wrong: \"10.1.0.5\" is not an address with a prefix length")]
    [InlineData("\"ipam\": {\"type\": \"dhcp\", \"request\": [{\"skipDefault\": \"true\"}]}",
        "plugins[0].ipam.request[0].skipDefault is the string \"true\"")]
    [InlineData("\"ipam\": {\"type\": 5}", "plugins[0].ipam.type is the number 5, not a string")]
    public void A_ValueOfAnotherKind_IsRefusedByNameAndLine(string member, string words)
    {
        var path = Write("10-x.conflist", $$"""
            {
              "name": "x", "cniVersion": "1.0.0",
              "plugins": [{
                "type": "bridge",
                {{member}}
              }]
            }
            """);
        Assert.StartsWith($"{path}:5: {words}", Assert.Throws<CniConfigException>(() => NetworkListFolder.ReadFile(path)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"tuning","sysctl":{"net.core.somaxconn":500}}""",
        "plugins[1].sysctl.net.core.somaxconn is the number 500, not a string: write \"500\"")]
    [InlineData("""{"type":"portmap","snat":"true"}""", "plugins[1].snat is the string \"true\"")]
    [InlineData("""{"type":"bandwidth","ingressRate":"1000"}""", "plugins[1].ingressRate is the string \"1000\", not a number: write 1000")]
    [InlineData("""{"type":"vrf","table":"7"}""", "plugins[1].table is the string \"7\"")]
    [InlineData("""{"type":"vlan","vlanId":"7"}""", "plugins[1].vlanId is the string \"7\"")]
    [InlineData("""{"type":"anything","capabilities":{"mac":1}}""", "plugins[1].capabilities.mac is the number 1")]
    [InlineData("""{"bridge":"x"}""", "plugins[1] has no type")]
    [InlineData("null", "plugins[1] is null")]
    public void A_EveryReferencePluginsKeys_AreLookedAt(string plugin, string words)
    {
        var path = Write("10-x.conflist", $$"""{"name":"x","cniVersion":"1.0.0","plugins":[{{Bridge}},{{plugin}}]}""");
        Assert.StartsWith($"{path}:1: {words}", Assert.Throws<CniConfigException>(() => NetworkListFolder.ReadFile(path)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":"x","cniVersion":"0.4.0","plugins":[{"type":"aws-cni","mtu":"9001","enabled":"false"}]}""")]
    [InlineData(
        """{"name":"x","cniVersion":"0.4.0","plugins":[{"type":"calico","ipam":{"type":"host-local","ranges":[["""
            + """{"subnet":"usePodCidr"}]]}}]}""")]
    [InlineData("""{"name":"x","cniVersion":"0.4.0","plugins":[{"type":"bridge","addIf":"true","mtu":0}]}""")]
    [InlineData("""{"name":"x","cniVersion":"0.4.0","disableCheck":"True","plugins":[{"type":"bridge"}]}""")]
    [InlineData(
        """{"name":"x","cniVersion":"0.4.0","args":{"podman_labels":{"a":"1","A":"2"}},"plugins":[{"type":"bridge","ipam":"""
            + """{"type":"somebodys","subnet":5}}]}""")]
    public void A_WhatOtherPluginsRead_IsTheirMatter(string json) => Assert.Equal("x", Read(json).Name.ToString());

    [Theory]
    [InlineData("""{"name":"dup","cniVersion":"1.0.0","plugins":[{"type":"bridge","bridge":"a","bridge":"b"}]}""", "bridge")]
    [InlineData("""{"name":"dup","cniVersion":"1.0.0","plugins":[{"type":"bridge","bridge":"a","Bridge":"b"}]}""", "Bridge")]
    [InlineData("""{"name":"dup","name":"x","cniVersion":"1.0.0","plugins":[{"type":"bridge"}]}""", "name")]
    [InlineData("""{"name":"dup","cniVersion":"1.0.0","plugins":[{"type":"somebodys","data":{"deep":[{"a":1,"a":1}]}}]}""", "a")]
    [InlineData(
        """{"name":"dup","cniVersion":"1.0.0","type":"bridge","ipam":"""
            + """{"type":"host-local","subnet":"10.1.0.0/24","subnet":"10.1.0.0/24"}}""", "subnet")]
    public void A_KeyGivenTwice_IsReportedByFile_AndBreaksNoListing(string json, string key)
    {
        var path = Write("10-dup.conflist", json);
        Write("20-good.conflist", $$"""{"cniVersion":"1.0.0","name":"good","plugins":[{{Bridge}}]}""");

        var reading = new NetworkListFolder(folder).Read();

        Assert.Equal("good", Assert.Single(reading.Lists).Name.ToString());
        Assert.Equal($"{path}:1: the key \"{key}\" is given twice: keep one of them", Assert.Single(reading.Broken).Reason);
    }

    [Fact]
    public void A_KeyGivenTwice_OfAPluginBesideTheList_IsReportedByItsFile()
    {
        var list = Write("10-net.conflist", $$"""{"cniVersion":"1.0.0","name":"net","plugins":[{{Bridge}}]}""");
        var beside = Write("net/10.conf", "{\"type\":\"tuning\",\n\"mtu\":1,\n\"mtu\":2}");

        Assert.Equal($"{list}: {beside}:3: the key \"mtu\" is given twice, on line 2 before: keep one of them",
            Assert.Single(new NetworkListFolder(folder).Read().Broken).Reason);
    }

    [Fact]
    public void A_EveryReferencePlugin_HasItsShape()
    {
        Assert.Equal(ReferencePlugins.Main.Order(), PluginShapes.Main.Keys.Order());
        Assert.Equal(ReferencePlugins.Ipam.Order(), PluginShapes.Ipam.Keys.Order());
        Assert.Equal(ReferencePlugins.Chained.Order(), PluginShapes.Chained.Keys.Order());
    }

    // What 0.1.0 has stored is read as it was.
    [Fact]
    public void A_StoredList_IsNotLookedAtAgain() =>
        Assert.Equal("x", NetworkList.Parse(
            """{"name":"x","cniVersion":"1.0.0","plugins":[{"type":"bridge","mtu":"1400","mtu":"1400"}]}"""u8.ToArray()).Name.ToString());

    private NetworkList Read(string json) => NetworkListFolder.ReadFile(Write("x.conflist", json));

    private string Write(string name, string content)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content, new UTF8Encoding(false));
        return path;
    }
}
