using DockerDriver.Doctor;

namespace DockerDriver.Tests.Doctor;

/// <summary>The findings of <c>cnid doctor</c> about an engine.</summary>
public sealed class EngineCheckTests
{
    [Theory]
    [InlineData("name=seccomp,profile=builtin name=rootless", true, true)]
    [InlineData("name=seccomp,profile=builtin name=rootless", false, false)]
    [InlineData("name=seccomp,profile=builtin", true, false)]
    [InlineData("", false, false)]
    public void D_RootlessEngine_IsElsewhere_ForACnidOfTheHost(string security, bool isOfHost, bool isElsewhere) =>
        Assert.Equal(isElsewhere, EngineCheck.IsOutsideRootless(security.Split(' '), isOfHost));
}
