using DockerDriver.Engine;


namespace DockerDriver.NetworkDriver;

/// <summary>
/// Lets the engine count. Up to v28 it keeps a number of endpoints with each network and changes it after our answer to CreateEndpoint and
/// DeleteEndpoint, on an object that concurrent calls share: one that reads the number anew discards what another has just taken off it
/// (libnetwork/endpoint_cnt.go, atomicIncDecEpCnt; store.go, getNetworksFromStore). A lost decrement is a network that can never be
/// removed: "has active endpoints". Docker's own drivers are slow enough; ours gives way: of each network one answer at a time, the next
/// one when the engine has shown that it has counted the last. A container that goes alone waits for nothing.
/// </summary>
internal sealed class EndpointCountWorkaround(TimeProvider clock)
{
    // What shows a count may never come, for the engine dies, or what it began fails.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    // Where its events are not heard, all that is left is a distance: it writes its store twice between our answer and the count.
    private static readonly TimeSpan Distance = TimeSpan.FromMilliseconds(30);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Change> newest = new(StringComparer.Ordinal);
    private readonly List<Change> answered = [];
    private readonly Dictionary<string, string> sandboxes = new(StringComparer.Ordinal);
    private volatile bool hears;

    /// <summary>What it wants to hear of the engine.</summary>
    public EngineSubscriber Subscriber => new() { Disconnected = Departed, Ended = HearsNoMore };

    /// <summary>Returns when an endpoint more may be answered. The engine makes one at a time, so those made before are counted.</summary>
    public Task ArriveAsync(string network, string endpoint)
    {
        Counted(change => !change.Leaves && change.Network == network);
        return TurnAsync(new(network, endpoint, Sandbox: null, Leaves: false));
    }

    /// <summary>An endpoint is joined or deleted: its creation is counted.</summary>
    public void Arrived(string endpoint) => Counted(change => !change.Leaves && change.Endpoint == endpoint);

    /// <summary>
    /// An endpoint leaves its sandbox. The engine deletes a sandbox's endpoints one after the other, so those deleted before are counted.
    /// </summary>
    public void Leaves(string endpoint, string sandbox)
    {
        lock (gate)
            sandboxes[endpoint] = sandbox;
        Counted(change => change.Sandbox == sandbox);
    }

    /// <summary>Returns when an endpoint less may be answered.</summary>
    public Task DepartAsync(string network, string endpoint)
    {
        Arrived(endpoint);
        string? sandbox;
        lock (gate)
            _ = sandboxes.Remove(endpoint, out sandbox);
        return TurnAsync(new(network, endpoint, sandbox, Leaves: true));
    }

    /// <summary>
    /// The engine's event <c>network disconnect</c>, sent after the count (moby, daemon/container_operations.go, releaseNetwork).
    /// </summary>
    public void Departed(string network)
    {
        hears = true;
        Counted(change => change.Leaves && change.Network == network);
    }

    /// <summary>The engine's events have ended: they are not waited for until one is heard again.</summary>
    public void HearsNoMore()
    {
        hears = false;
        lock (gate)
            sandboxes.Clear();
    }

    private async Task TurnAsync(Change change)
    {
        Change? before;
        lock (gate)
        {
            before = newest.GetValueOrDefault(change.Network);
            newest[change.Network] = change;
        }
        if (before is not null)
            await before.IsCounted.Task;
        lock (gate)
            answered.Add(change);
        _ = LimitAsync(change);
    }

    private async Task LimitAsync(Change change)
    {
        using var counted = new CancellationTokenSource();
        var limit = change.Leaves && !(hears && change.Sandbox is not null) ? Distance : Longest;
        await Task.WhenAny(change.IsCounted.Task, Task.Delay(limit, clock, counted.Token));
        await counted.CancelAsync();
        Counted(one => one == change);
    }

    private void Counted(Predicate<Change> which)
    {
        lock (gate)
        {
            foreach (var change in answered.FindAll(which))
            {
                answered.Remove(change);
                if (newest[change.Network] == change)
                    newest.Remove(change.Network);
                change.IsCounted.TrySetResult();
            }
        }
    }

    /// <param name="Network">Whose number changes.</param>
    /// <param name="Endpoint">The one that comes or goes.</param>
    /// <param name="Sandbox">What it left; null where it was in none, and no event will tell of it.</param>
    /// <param name="Leaves">Whether it is one less.</param>
    private sealed record Change(string Network, string Endpoint, string? Sandbox, bool Leaves)
    {
        public TaskCompletionSource IsCounted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
