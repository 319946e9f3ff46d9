using DockerDriver.Background;

namespace DockerDriver.Tests.Background;

public sealed class RetryPaceTests
{
    [Theory]
    [InlineData(1, 30)]
    [InlineData(2, 60)]
    [InlineData(3, 120)]
    [InlineData(4, 240)]
    [InlineData(5, 300)]
    [InlineData(1_000_000, 300)]
    public void After_EachFailure_TwiceAsLong_AndNeverLongerThanFiveMinutes(int failed, int seconds) =>
        Assert.Equal(seconds, RetryPace.After(failed).TotalSeconds);
}
