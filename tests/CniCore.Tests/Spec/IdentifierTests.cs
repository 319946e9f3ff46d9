using CniCore.Spec;

namespace CniCore.Tests.Spec;

public sealed class IdentifierTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("0_b.c-d")]
    public void Parse_GoodId_IsKept(string text) => Assert.Equal(text, ContainerId.Parse(text).ToString());

    [Theory]
    [InlineData("abc\n")]
    [InlineData("../x")]
    [InlineData("-a")]
    [InlineData("a/b")]
    [InlineData("ä")]
    public void Parse_BadId_IsRefused(string text)
    {
        Assert.Equal(CniErrorCode.InvalidEnvironment, Assert.Throws<CniPluginException>(() => ContainerId.Parse(text)).Code);
        Assert.Throws<CniConfigException>(() => NetworkName.Parse(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("sixteen-bytes-xx")]
    [InlineData("a b")]
    [InlineData("a:b")]
    [InlineData("a/b")]
    public void Parse_BadInterfaceName_IsRefused(string text) => Assert.Throws<CniPluginException>(() => InterfaceName.Parse(text));

    [Theory]
    [InlineData("../bin/sh")]
    [InlineData("/bin/sh")]
    [InlineData("..")]
    public void Parse_PluginTypeThatIsAPath_IsRefused(string text) => Assert.Throws<CniConfigException>(() => PluginType.Parse(text));
}
