using DockerDriver.NetworkDriver;
using DockerDriver.Sandboxes;

namespace DockerDriver.Tests.NetworkDriver;

public sealed class EndpointCountWorkaroundTests
{
    private const string Sandbox = "/run/docker/netns/0";

    private readonly HeldClock clock = new();
    private readonly EndpointCountWorkaround count;

    public EndpointCountWorkaroundTests() => count = new(clock);

    [Fact]
    public async Task ADelete_WaitsForTheEventOfThePreviousOne_AndOtherNetworksDoNot()
    {
        Hear();
        await LeaveAsync("a", "1", "/one");
        var second = LeaveAsync("a", "2", "/two");
        var third = LeaveAsync("a", "3", "/three");
        await LeaveAsync("b", "4", "/four");
        Assert.False(second.IsCompleted);

        count.DeleteCounted("a");
        await second;
        Assert.False(third.IsCompleted);
        count.DeleteCounted("a");
        await third;
        Assert.DoesNotContain(30, clock.Timers);
    }

    [Fact]
    public async Task EventThatDoesNotCome_IsWaitedForASecond()
    {
        Hear();
        await LeaveAsync("a", "1", "/one");
        var second = LeaveAsync("a", "2", "/two");
        Assert.Equal([1000], clock.Timers);
        clock.Elapse();
        await second;
    }

    [Fact]
    public async Task WhereNoEventArrives_AFixedPauseIsKept()
    {
        await LeaveAsync("a", "1", "/one");
        Hear();
        count.EventsEnded();
        await LeaveAsync("b", "2", "/two");
        Hear();
        await count.WaitToAnswerDeleteAsync("c", "never joined");
        Assert.Equal([30, 30, 30], clock.Timers);
    }

    [Fact]
    public async Task SandboxWithTwoNetworks_DoesNotWaitForItself()
    {
        Hear();
        await LeaveAsync("a", "1", Sandbox);
        await LeaveAsync("b", "2", "/other");
        var here = LeaveAsync("b", "3", Sandbox);
        var there = LeaveAsync("a", "4", "/other");
        await Task.WhenAll(here, there);
    }

    [Fact]
    public async Task Creates_WaitForDeletes_NotForEachOther()
    {
        Hear();
        await count.WaitToAnswerCreateAsync("a", "1");
        await count.WaitToAnswerCreateAsync("a", "2");
        await LeaveAsync("b", "3", Sandbox);
        var arrival = count.WaitToAnswerCreateAsync("b", "4");
        Assert.False(arrival.IsCompleted);
        count.DeleteCounted("b");
        await arrival;
    }

    [Fact]
    public async Task ADelete_WaitsUntilACreatedEndpointIsJoined()
    {
        Hear();
        await count.WaitToAnswerCreateAsync("a", "1");
        var departure = LeaveAsync("a", "2", Sandbox);
        Assert.False(departure.IsCompleted);
        count.CreateCounted("1");
        await departure;
    }

    [Fact]
    public async Task ACreatedEndpointThatIsDeleted_WaitsForNothing()
    {
        await count.WaitToAnswerCreateAsync("a", "1");
        await count.WaitToAnswerDeleteAsync("a", "1");
    }

    private void Hear() => count.DeleteCounted("any");

    private Task LeaveAsync(string network, string endpoint, string sandbox)
    {
        count.MarkLeaving(endpoint, sandbox);
        return count.WaitToAnswerDeleteAsync(network, endpoint);
    }

    /// <summary>A clock whose timers, by their milliseconds, fire on request.</summary>
    private sealed class HeldClock : TimeProvider
    {
        private readonly List<(double Due, TimerCallback Callback, object? State)> timers = [];

        public IEnumerable<double> Timers => timers.Select(timer => timer.Due);

        public void Elapse() => timers.ForEach(timer => timer.Callback(timer.State));

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            timers.Add((dueTime.TotalMilliseconds, callback, state));
            return System.CreateTimer(_ => { }, state: null, Timeout.InfiniteTimeSpan, period);
        }
    }
}
