namespace DockerDriver.Networks;

/// <summary>
/// Lets the engine count. Up to v28 it keeps a number of endpoints with each network and changes it after our answer to CreateEndpoint and
/// DeleteEndpoint, on an object that concurrent calls share: one that reads the number anew discards what another has just taken off it
/// (libnetwork/endpoint_cnt.go, atomicIncDecEpCnt; store.go, getNetworksFromStore). A lost decrement is a network that can never be removed:
/// "has active endpoints". Docker's own drivers are slow enough; ours gives way. Nothing tells when the engine has counted, so answers of
/// one network keep a distance; the first one, and a container that goes alone, waits for nothing.
/// </summary>
internal sealed class CountPace(TimeProvider clock)
{
    /// <summary>The engine writes its store twice between our answer and the count, some milliseconds each.</summary>
    private static readonly TimeSpan Distance = TimeSpan.FromMilliseconds(30);

    private readonly Dictionary<string, Slots> networks = new(StringComparer.Ordinal);

    /// <summary>Returns when an endpoint more may be answered. Creations need no distance from each other: the engine makes one at a time.</summary>
    public Task ArriveAsync(string network) => TurnAsync(network, (now, last) =>
    {
        var at = Later(now, last.Departure + Distance);
        return (at, last with { Arrival = at });
    });

    /// <summary>Returns when an endpoint less may be answered.</summary>
    public Task DepartAsync(string network) => TurnAsync(network, (now, last) =>
    {
        var at = Later(now, Later(last.Arrival, last.Departure) + Distance);
        return (at, last with { Departure = at });
    });

    private Task TurnAsync(string network, Func<DateTimeOffset, Slots, (DateTimeOffset At, Slots Next)> next)
    {
        var now = clock.GetUtcNow();
        DateTimeOffset at;
        lock (networks)
        {
            foreach (var (idle, _) in networks.Where(known => Later(known.Value.Arrival, known.Value.Departure) + Distance < now).ToList())
                networks.Remove(idle);
            (at, networks[network]) = next(now, networks.GetValueOrDefault(network));
        }
        return at > now ? Task.Delay(at - now, clock) : Task.CompletedTask;
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private readonly record struct Slots(DateTimeOffset Arrival, DateTimeOffset Departure);
}
