using DockerDriver.Doctor;

namespace DockerDriver.Tests.Doctor;

/// <summary>The findings of <c>cnid doctor</c> about an engine.</summary>
public sealed class EngineCheckTests
{
    private const string Host = "         0          0 4294967295\n";
    private const string Rootless = "         0       1000          1\n         1     200000      65536\n";

    [Theory]
    [InlineData("name=seccomp,profile=builtin name=rootless", Host, true)]
    [InlineData("name=seccomp,profile=builtin name=rootless", Rootless, false)]
    [InlineData("name=seccomp,profile=builtin", Host, false)]
    [InlineData("", Rootless, false)]
    public void D_RootlessEngine_IsElsewhere_ForACnidOfTheHost(string security, string uidMap, bool isElsewhere) =>
        Assert.Equal(isElsewhere, EngineCheck.IsOutsideRootless(security.Split(' '), uidMap));
}
