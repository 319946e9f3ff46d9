using DockerDriver.Engine;


namespace DockerDriver.NetworkDriver;

/// <summary>
/// Works around a libnetwork race (≤ 28): it updates a network's endpoint count after our answer to CreateEndpoint or DeleteEndpoint,
/// on an object that concurrent calls share, and a concurrent read of the store discards an update (libnetwork/endpoint_cnt.go,
/// atomicIncDecEpCnt; store.go, getNetworksFromStore). After a lost decrement the network cannot be removed: "has active endpoints". So
/// each network gets one answer at a time; the next follows when the engine has shown that it counted the previous one, or after a limit. A
/// single container never waits.
/// </summary>
internal sealed class EndpointCountWorkaround(TimeProvider clock)
{
    // The evidence of a count may never come: the engine died, or the operation failed.
    private static readonly TimeSpan CountLimit = TimeSpan.FromSeconds(1);

    // Without the engine's events, a pause remains: the engine writes its store twice between our answer and the count.
    private static readonly TimeSpan CountPause = TimeSpan.FromMilliseconds(30);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Change> newest = new(StringComparer.Ordinal);
    private readonly List<Change> answered = [];
    private readonly Dictionary<string, string> sandboxes = new(StringComparer.Ordinal);
    private volatile bool hearsEvents;

    /// <summary>The engine's events that it subscribes to.</summary>
    public EngineSubscriber Subscriber => new() { NetworkDisconnected = DeleteCounted, StreamEnded = EventsEnded };

    /// <summary>
    /// Completes when CreateEndpoint may be answered. The engine creates one endpoint at a time, so earlier ones are counted.
    /// </summary>
    public Task WaitToAnswerCreateAsync(string network, string endpoint)
    {
        MarkCounted(change => !change.Leaves && change.Network == network);
        return WaitForTurnAsync(new(network, endpoint, Sandbox: null, Leaves: false));
    }

    /// <summary>Join or DeleteEndpoint has come for the endpoint: its creation is counted.</summary>
    public void CreateCounted(string endpoint) => MarkCounted(change => !change.Leaves && change.Endpoint == endpoint);

    /// <summary>
    /// Leave has come. The engine deletes a sandbox's endpoints one after the other, so those deleted earlier are counted.
    /// </summary>
    public void MarkLeaving(string endpoint, string sandbox)
    {
        lock (gate)
            sandboxes[endpoint] = sandbox;
        MarkCounted(change => change.Sandbox == sandbox);
    }

    /// <summary>Completes when DeleteEndpoint may be answered.</summary>
    public Task WaitToAnswerDeleteAsync(string network, string endpoint)
    {
        CreateCounted(endpoint);
        string? sandbox;
        lock (gate)
            _ = sandboxes.Remove(endpoint, out sandbox);
        return WaitForTurnAsync(new(network, endpoint, sandbox, Leaves: true));
    }

    /// <summary>
    /// The engine's event <c>network disconnect</c>, sent after the count (moby, daemon/container_operations.go, releaseNetwork).
    /// </summary>
    public void DeleteCounted(string network)
    {
        hearsEvents = true;
        MarkCounted(change => change.Leaves && change.Network == network);
    }

    /// <summary>The engine's event stream has ended: events are not waited for until one comes again.</summary>
    public void EventsEnded()
    {
        hearsEvents = false;
        lock (gate)
            sandboxes.Clear();
    }

    private async Task WaitForTurnAsync(Change change)
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
        _ = MarkCountedAtLimitAsync(change);
    }

    private async Task MarkCountedAtLimitAsync(Change change)
    {
        using var counted = new CancellationTokenSource();
        var limit = change.Leaves && !(hearsEvents && change.Sandbox is not null) ? CountPause : CountLimit;
        await Task.WhenAny(change.IsCounted.Task, Task.Delay(limit, clock, counted.Token));
        await counted.CancelAsync();
        MarkCounted(other => other == change);
    }

    private void MarkCounted(Predicate<Change> which)
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

    /// <param name="Network">The network whose count changes.</param>
    /// <param name="Endpoint">The endpoint that is created or deleted.</param>
    /// <param name="Sandbox">The sandbox that it left; null where it was in none, so that no event follows.</param>
    /// <param name="Leaves">Whether the count decreases.</param>
    private sealed record Change(string Network, string Endpoint, string? Sandbox, bool Leaves)
    {
        public TaskCompletionSource IsCounted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
