using DockerDriver.Background;

namespace DockerDriver.Tests.Background;

public sealed class StartPaceTests
{
    [Theory]
    [InlineData(0, 10)]
    [InlineData(1, 20)]
    [InlineData(4, 160)]
    [InlineData(5, 300)]
    [InlineData(1_000_000, 300)]
    public void C_After_EachTry_TwiceAsLong_AndNeverLongerThanFiveMinutes(int tries, int seconds) =>
        Assert.Equal(seconds, StartPace.After(tries).TotalSeconds);
}
