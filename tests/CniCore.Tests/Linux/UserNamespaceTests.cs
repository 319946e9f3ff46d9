using CniCore.Linux.Namespaces;

namespace CniCore.Tests.Linux;

/// <summary>The host's user namespace, and those of rootless engines.</summary>
public sealed class UserNamespaceTests
{
    [Theory]
    [InlineData("         0          0 4294967295\n", true)]
    [InlineData("         0       1000          1\n         1     200000      65536\n", false)]
    [InlineData("         0          0      65536\n", false)]
    [InlineData("", false)] // nothing is mapped yet
    public void IsOfHost_IfEveryIdIsMapped(string uidMap, bool expected) => Assert.Equal(expected, UserNamespace.IsOfHost(uidMap));
}
