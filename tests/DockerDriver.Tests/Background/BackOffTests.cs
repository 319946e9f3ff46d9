using DockerDriver.Background;

namespace DockerDriver.Tests.Background;

public sealed class BackOffTests
{
    [Theory]
    [InlineData(1, 30)]
    [InlineData(2, 60)]
    [InlineData(3, 120)]
    [InlineData(4, 240)]
    [InlineData(5, 300)]
    [InlineData(1_000_000, 300)]
    public void After_EachFailedDel_DoublesThePause_UpToFiveMinutes(int failures, int seconds) =>
        Assert.Equal(seconds, BackOff.OfDel.After(failures).TotalSeconds);

    [Theory]
    [InlineData(1, 10)]
    [InlineData(2, 20)]
    [InlineData(5, 160)]
    [InlineData(6, 300)]
    [InlineData(1_000_000, 300)]
    public void After_EachFailedStart_DoublesThePause_UpToFiveMinutes(int failures, int seconds) =>
        Assert.Equal(seconds, BackOff.OfStart.After(failures).TotalSeconds);
}
