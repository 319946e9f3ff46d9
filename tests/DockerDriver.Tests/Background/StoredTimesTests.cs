using CniCore.Linux;
using DockerDriver.Background;

namespace DockerDriver.Tests.Background;

/// <summary>Times that an earlier daemon stored while its clock was hours off.</summary>
public sealed class StoredTimesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly SteadyClock Clock = new(Now, () => TimeSpan.FromHours(1));

    [Theory]
    [InlineData(-20, 20)]
    [InlineData(0, 0)]
    [InlineData(3600, null)] // the clock was ahead, and has been set back
    public void C_Since_IsNeverInTheFuture(int offset, int? age) =>
        Assert.Equal(age is { } seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue, Clock.Since(Now.AddSeconds(offset)));

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(300, true)]
    [InlineData(3600, false)] // no rest is as long
    public void C_IsStillToCome_OfAnotherClocksHours_IsNot(int offset, bool expected)
    {
        Assert.Equal(expected, Clock.IsInFuture(Now.AddSeconds(offset)));
        Assert.False(Clock.IsInFuture(null));
    }
}
