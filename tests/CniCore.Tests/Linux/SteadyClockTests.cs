using CniCore.Linux;

namespace CniCore.Tests.Linux;

public sealed class SteadyClockTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void C_Now_IsAsMuchLaterAsTimeHasPassed_WhateverTheHostsClockSays()
    {
        var uptime = TimeSpan.FromDays(3);
        var clock = new SteadyClock(Start, () => uptime);

        Assert.Equal(Start, clock.GetUtcNow());
        uptime += TimeSpan.FromSeconds(90);
        Assert.Equal(Start.AddSeconds(90), clock.GetUtcNow());
    }
}
