using System.Net;
using DockerDriver.Rebuild;

namespace DockerDriver.Tests.Rebuild;

public sealed class EngineGatewayTests
{
    // Observed on Docker 20.10 and 28.5; LostStateTests compares with the engine's CreateNetwork.
    [Theory]
    [InlineData("10.91.0.0/24", null, "10.91.0.1")]
    [InlineData("10.91.0.0/24", "10.91.0.0/25", "10.91.0.1")]
    [InlineData("10.91.0.0/24", "10.91.0.128/25", "10.91.0.128")]
    [InlineData("fd91::/64", null, "fd91::1")]
    public void A3_GatewayThatNobodyNamed_IsTheFirstOfThePool(string subnet, string? range, string gateway) =>
        Assert.Equal(IPAddress.Parse(gateway), EngineGateway.Of(IPNetwork.Parse(subnet), range is null ? null : IPNetwork.Parse(range)));
}
