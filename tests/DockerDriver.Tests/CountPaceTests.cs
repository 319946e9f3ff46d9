using DockerDriver.Networks;

namespace DockerDriver.Tests;

public sealed class CountPaceTests
{
    private readonly StoppedClock clock = new();

    [Fact]
    public async Task Departures_OfOneNetwork_KeepADistance_AndOthersAreNotHeldUp()
    {
        var pace = new CountPace(clock);
        await pace.DepartAsync("a");
        await pace.DepartAsync("a");
        await pace.DepartAsync("a");
        await pace.DepartAsync("b");
        Assert.Equal([30, 60], clock.Waited);
    }

    [Fact]
    public async Task Arrivals_KeepADistanceFromDepartures_NotFromEachOther()
    {
        var pace = new CountPace(clock);
        await pace.ArriveAsync("a");
        await pace.ArriveAsync("a");
        Assert.Empty(clock.Waited);
        await pace.DepartAsync("a");
        await pace.ArriveAsync("a");
        Assert.Equal([30, 60], clock.Waited);
    }

    [Fact]
    public async Task WhoComesLater_WaitsForNothing()
    {
        var pace = new CountPace(clock);
        await pace.DepartAsync("a");
        clock.Now += TimeSpan.FromMilliseconds(31);
        await pace.DepartAsync("a");
        Assert.Empty(clock.Waited);
    }

    /// <summary>Stands still, writes down for how many milliseconds it is asked to wait, and lets go at once.</summary>
    private sealed class StoppedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public List<double> Waited { get; } = [];

        public override DateTimeOffset GetUtcNow() => Now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waited.Add(dueTime.TotalMilliseconds);
            return System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
