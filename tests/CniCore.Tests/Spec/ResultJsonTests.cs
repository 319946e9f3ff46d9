using System.Text;
using CniCore.Spec;

namespace CniCore.Tests.Spec;

public sealed class ResultJsonTests
{
    private const string Current =
        """{"cniVersion":"1.0.0","interfaces":[{"name":"eth0","sandbox":"/x"}],"ips":["""
            + """{"interface":0,"address":"10.1.0.5/16","gateway":"10.1.0.1"},{"address":"fd00::5/64"}],"routes":[{"dst":"0.0.0.0/0"},"""
            + """{"dst":"::/0","gw":"fd00::1"}]}""";

    [Theory]
    [InlineData(
        "0.1.0",
            """{"cniVersion":"0.1.0","ip4":{"ip":"10.1.0.5/16","gateway":"10.1.0.1","routes":[{"dst":"0.0.0.0/0"}]},"ip6":"""
                + """{"ip":"fd00::5/64","routes":[{"dst":"::/0","gw":"fd00::1"}]},"dns":{}}""")]
    [InlineData(
        "0.2.0",
            """{"cniVersion":"0.2.0","ip4":{"ip":"10.1.0.5/16","gateway":"10.1.0.1","routes":[{"dst":"0.0.0.0/0"}]},"ip6":"""
                + """{"ip":"fd00::5/64","routes":[{"dst":"::/0","gw":"fd00::1"}]},"dns":{}}""")]
    [InlineData(
        "0.3.1",
            """{"cniVersion":"0.3.1","interfaces":[{"name":"eth0","sandbox":"/x"}],"ips":["""
                + """{"version":"4","interface":0,"address":"10.1.0.5/16","gateway":"10.1.0.1"},"""
                + """{"version":"6","address":"fd00::5/64"}],"routes":[{"dst":"0.0.0.0/0"},{"dst":"::/0","gw":"fd00::1"}],"dns":{}}""")]
    [InlineData(
        "0.4.0",
            """{"cniVersion":"0.4.0","interfaces":[{"name":"eth0","sandbox":"/x"}],"ips":["""
                + """{"version":"4","interface":0,"address":"10.1.0.5/16","gateway":"10.1.0.1"},"""
                + """{"version":"6","address":"fd00::5/64"}],"routes":[{"dst":"0.0.0.0/0"},{"dst":"::/0","gw":"fd00::1"}],"dns":{}}""")]
    [InlineData(
        "1.1.0",
            """{"cniVersion":"1.1.0","interfaces":[{"name":"eth0","sandbox":"/x"}],"ips":["""
                + """{"interface":0,"address":"10.1.0.5/16","gateway":"10.1.0.1"},{"address":"fd00::5/64"}],"routes":["""
                + """{"dst":"0.0.0.0/0"},{"dst":"::/0","gw":"fd00::1"}]}""")]
    public void Write_AnyVersion_HasThatVersionsShape(string version, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(ResultJson.Write(Parse(Current), version)));

    [Theory]
    [InlineData("0.1.0")]
    [InlineData("0.2.0")]
    [InlineData("0.3.0")]
    [InlineData("0.4.0")]
    [InlineData("1.1.0")]
    public void Parse_WhatWriteWrote_KeepsAddressesAndRoutes(string version)
    {
        var back = ResultJson.Parse(ResultJson.Write(Parse(Current), version), version);

        Assert.Equal(["10.1.0.5/16", "fd00::5/64"], back.Ips.Select(ip => ip.Address.ToString()));
        Assert.Equal(2, back.Routes.Count);
    }

    [Fact]
    public void Parse_WithoutVersion_TakesTheConfigurations() => Assert.Equal("0.4.0", ResultJson.Parse("{}"u8, "0.4.0").CniVersion);

    [Fact]
    public void Parse_Null_IsAnEmptyResult() => Assert.Empty(ResultJson.Parse("null"u8, "1.0.0").Ips);

    [Fact]
    public void Parse_KeysInOtherCase_AreRead() =>
        Assert.Single(ResultJson.Parse("""{"CNIVersion":"1.0.0","IPS":[{"Address":"10.0.0.1/8"}]}"""u8, "1.0.0").Ips);

    [Theory]
    [InlineData(
        """{"cniVersion":null,"interfaces":null,"ips":[{"interface":null,"address":"10.1.0.5/16","gateway":null}],"routes":["""
            + """{"dst":"0.0.0.0/0","gw":null,"mtu":null,"table":null}],"dns":null}""", "1.0.0")]
    [InlineData(
        """{"cniVersion":null,"interfaces":[{"name":"eth0","mac":null,"sandbox":null}],"ips":["""
            + """{"version":null,"interface":null,"address":"10.1.0.5/16","gateway":null}],"routes":null,"dns":"""
            + """{"nameservers":null,"domain":null}}""", "0.4.0")]
    [InlineData("""{"cniVersion":null,"ip4":{"ip":"10.1.0.5/16","gateway":null,"routes":null},"ip6":null,"dns":null}""", "0.2.0")]
    public void A_Parse_Null_IsNotGiven(string json, string version)
    {
        var result = ResultJson.Parse(Encoding.UTF8.GetBytes(json), version);
        Assert.Equal((version, "10.1.0.5/16"), (result.CniVersion, Assert.Single(result.Ips).Address.ToString()));
    }

    [Theory]
    [InlineData("""{"ips":[null]}""", "ips has null")]
    [InlineData("""{"interfaces":[null],"ips":[]}""", "interfaces has null")]
    [InlineData("""{"interfaces":[{"name":null}]}""", "no name")]
    [InlineData("""{"ips":[{"address":"010.1.0.5/16"}]}""", "without leading zeros")]
    public void A_Parse_WhereNullHasNoMeaning_OrAnAddressHasTwo_IsRefused(string json, string words) =>
        Assert.Contains(words, Assert.Throws<CniPluginException>(() => ResultJson.Parse(Encoding.UTF8.GetBytes(json), "1.0.0")).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("garbage")]
    [InlineData("")]
    [InlineData("{\"cniVersion\":\"9.9.9\"}")]
    [InlineData("{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":\"nonsense\"}]}")]
    public void Parse_WhatIsNoResult_IsAPluginsFault(string json) =>
        Assert.Throws<CniPluginException>(() => ResultJson.Parse(Encoding.UTF8.GetBytes(json), "1.0.0"));

    [Fact]
    public void Write_WithoutAddresses_CannotBecome020() =>
        Assert.Throws<CniPluginException>(() => ResultJson.Write(new CniResult(), "0.2.0"));

    private static CniResult Parse(string json) => ResultJson.Parse(Encoding.UTF8.GetBytes(json), "1.0.0");
}
