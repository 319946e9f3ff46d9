using CniCore.Spec;
using DockerDriver.State;

namespace DockerDriver.Tests.State;

/// <summary>When the endpoints of a stored network are added.</summary>
public sealed class StoredNetworkTests
{
    private static readonly NetworkList List =
        NetworkList.Parse("""{"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge"}]}"""u8.ToArray());

    [Theory]
    [InlineData(0, false, false)]
    [InlineData(28, false, false)]
    [InlineData(28, true, true)]
    [InlineData(29, false, true)]
    public void D_Add_IsInCreateEndpoint_WhereALaterFailureTakesTheNetworkFromTheContainer(int engine, bool usesListIpam, bool isEarly) =>
        Assert.Equal(isEarly,
            new StoredNetwork { Id = "n1", List = List, EngineMajor = engine, UsesListIpam = usesListIpam }.AddsInCreateEndpoint);
}
