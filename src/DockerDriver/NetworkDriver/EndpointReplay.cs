using CniCore.Spec;
using DockerDriver.Attachments;
using DockerDriver.Dhcp;
using DockerDriver.Errors;
using DockerDriver.Sandboxes;
using DockerDriver.Sandboxes.Replay;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// Completes an endpoint after its interface has been moved into the sandbox: replays the netns delta, and renews the lease from there.
/// </summary>
internal sealed partial class EndpointReplay(
    EndpointLifecycle lifecycle, SandboxReplay sandboxReplay, LeaseService leases, SandboxWatch watch, TimeProvider clock,
    ILogger<EndpointReplay> log)
{
    // The time limit of a plugin; nobody waits for it.
    private static readonly TimeSpan LeaseLimit = TimeSpan.FromSeconds(20);

    /// <summary>Whether the replay or the lease of a joined endpoint is pending.</summary>
    public static bool IsDue(StoredEndpoint endpoint) =>
        endpoint is { Phase: EndpointPhase.Joined } && (!endpoint.IsReplayed || LeaseService.IsDue(endpoint));

    /// <summary>
    /// Replays the netns delta. From Docker 28 on, the calls that trigger it come after the move and before the process starts. Before 28
    /// they come before the move, and <see cref="SandboxWatch"/> triggers it.
    /// </summary>
    /// <exception cref="RefusedException">
    /// The replay was incomplete. Docker fails a start with it for the gateway's endpoint only.
    /// </exception>
    public async Task ReplayAsync(string id, CancellationToken cancel)
    {
        using var scope = lifecycle.BeginScope(id);
        using var held = await lifecycle.LockAsync(id, cancel);
        if ((await TryReplayAsync(id, isLast: false, cancel)).Faults is { Count: > 0 } faults)
            throw new RefusedException(
                $"the plugins' changes could not all be replayed in the container: {string.Join("; ", faults)}");
    }

    /// <summary>As <see cref="ReplayAsync"/>, outside of Docker's calls.</summary>
    public async Task<ReplayProgress> TryReplayAsync(string id, bool isLast)
    {
        using var scope = lifecycle.BeginScope(id);
        using var held = await lifecycle.LockAsync(id, CancellationToken.None);
        using var deadline = new CancellationTokenSource(LeaseLimit, clock);
        return (await TryReplayAsync(id, isLast, deadline.Token)).Progress;
    }

    /// <summary>Watches for the sandbox of an interface that was handed over before it exists: up to Docker 27.</summary>
    public void Follow(AddedEndpoint added)
    {
        var endpoint = added.Endpoint;
        if (!Sandbox.Exists(endpoint) && (SandboxReplay.IsNeeded(endpoint, added.Result) || LeaseService.IsDue(endpoint)))
            watch.Follow(endpoint, isLast => TryReplayAsync(endpoint.Id, isLast));
    }

    /// <summary>Removes from a sandbox that continues to exist what does not leave with the interface.</summary>
    public void RemoveReplayed(StoredEndpoint endpoint) => SandboxReplay.RemoveReplayed(endpoint, lifecycle.ResultOf(endpoint));

    /// <summary>Requests the endpoint's lease again from a restarted DHCP daemon.</summary>
    /// <exception cref="CniException">The daemon or the server does not answer.</exception>
    /// <exception cref="RefusedException">The server assigned another address.</exception>
    public async Task AcquireLeaseAsync(string id, CancellationToken cancel)
    {
        using var scope = lifecycle.BeginScope(id);
        using var held = await lifecycle.LockAsync(id, cancel);
        if (lifecycle.Find(id) is { Phase: EndpointPhase.Joined } endpoint)
            await leases.AcquireAsync(endpoint, cancel);
    }

    private async Task<(ReplayProgress Progress, IReadOnlyList<string> Faults)> TryReplayAsync(
        string id, bool isLast, CancellationToken cancel)
    {
        if (lifecycle.Find(id) is not { Phase: EndpointPhase.Joined } endpoint || lifecycle.ResultOf(endpoint) is not { } result)
            return (ReplayProgress.NothingToDo, []);
        var (progress, faults, seen) = sandboxReplay.Run(endpoint, result, JoinAnswer.For(endpoint, result), isLast);
        if (!endpoint.IsReplayed && (progress is ReplayProgress.Done or ReplayProgress.AwaitsGateway))
            endpoint = lifecycle.Save(seen with { IsReplayed = true });
        if (progress != ReplayProgress.NotReady && LeaseService.IsDue(endpoint))
            faults = [.. faults, .. await FollowLeaseAsync(endpoint, cancel)];
        foreach (var fault in faults)
            NotReplayed(fault);
        return (progress, faults);
    }

    private async Task<IEnumerable<string>> FollowLeaseAsync(StoredEndpoint endpoint, CancellationToken cancel)
    {
        try
        {
            if (await leases.FollowAsync(endpoint, cancel) is { } name)
                lifecycle.Save(endpoint with { LeaseInterface = name });
            return [];
        }
        catch (Exception fault) when (fault is CniException or RefusedException)
        {
            return [$"lease: {fault.Message}"];
        }
    }

    [LoggerMessage(LogLevel.Error, "not replayed in the container: {Reason}; its network is incomplete")]
    private partial void NotReplayed(string reason);
}
