using CniCore.Spec;
using DockerDriver.Attachments;
using DockerDriver.Dhcp;
using DockerDriver.Errors;
using DockerDriver.Sandboxes;
using DockerDriver.Sandboxes.Replay;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>What follows an interface into its sandbox: what the plugins left besides it, and the lease of its address.</summary>
internal sealed partial class EndpointReplay(
    EndpointLifecycle lifecycle, SandboxReplay sandboxReplay, LeaseService leases, SandboxWatch watch, TimeProvider clock,
    ILogger<EndpointReplay> log)
{
    // As long as a plugin may take; nobody waits for these.
    private static readonly TimeSpan LeaseLimit = TimeSpan.FromSeconds(20);

    /// <summary>Whether anything has not followed the interface into its sandbox yet.</summary>
    public static bool IsDue(StoredEndpoint endpoint) =>
        endpoint is { Phase: EndpointPhase.Joined } && (!endpoint.IsReplayed || LeaseService.IsDue(endpoint));

    /// <summary>
    /// Carries over what the plugins left besides the interface. From Docker 28 on the calls that ask for it come after the move and before
    /// the process starts; before, <see cref="SandboxWatch"/> does it, and these calls come when the interface is not inside yet.
    /// </summary>
    /// <exception cref="RefusedException">Something could not be carried over. Docker lets a start fail over it only where it asks for the
    /// gateway's endpoint.</exception>
    public async Task SettleAsync(string id, CancellationToken cancel)
    {
        using var scope = lifecycle.BeginScope(id);
        using var held = await lifecycle.LockAsync(id, cancel);
        if ((await CarryOverAsync(id, isLast: false, cancel)).Faults is { Count: > 0 } faults)
            throw new RefusedException(
                $"what the plugins made could not all be carried over to the container: {string.Join("; ", faults)}");
    }

    /// <summary>The same as <see cref="SettleAsync"/> for one that Docker asks nothing about.</summary>
    public async Task<ReplayProgress> CarryOverAsync(string id, bool isLast)
    {
        using var scope = lifecycle.BeginScope(id);
        using var held = await lifecycle.LockAsync(id, CancellationToken.None);
        using var deadline = new CancellationTokenSource(LeaseLimit, clock);
        return (await CarryOverAsync(id, isLast, deadline.Token)).Progress;
    }

    /// <summary>Follows an interface that is handed over before its sandbox is there: up to Docker 27.</summary>
    public void Follow(AddedEndpoint made)
    {
        var endpoint = made.Endpoint;
        if (!Sandbox.Exists(endpoint) && (SandboxReplay.HasWork(endpoint, made.Result) || LeaseService.IsDue(endpoint)))
            watch.Follow(endpoint, isLast => CarryOverAsync(endpoint.Id, isLast));
    }

    /// <summary>Takes from a sandbox that lives on what does not leave with the interface.</summary>
    public void Withdraw(StoredEndpoint endpoint) => SandboxReplay.Withdraw(endpoint, lifecycle.ResultOf(endpoint));

    /// <summary>Asks for the endpoint's lease again, of a daemon that was started anew.</summary>
    /// <exception cref="CniException">The daemon or the server does not answer.</exception>
    /// <exception cref="RefusedException">Another address was given.</exception>
    public async Task AcquireLeaseAsync(string id, CancellationToken cancel)
    {
        using var scope = lifecycle.BeginScope(id);
        using var held = await lifecycle.LockAsync(id, cancel);
        if (lifecycle.Find(id) is { Phase: EndpointPhase.Joined } endpoint)
            await leases.AcquireAsync(endpoint, cancel);
    }

    private async Task<(ReplayProgress Progress, IReadOnlyList<string> Faults)> CarryOverAsync(
        string id, bool isLast, CancellationToken cancel)
    {
        if (lifecycle.Find(id) is not { Phase: EndpointPhase.Joined } endpoint || lifecycle.ResultOf(endpoint) is not { } result)
            return (ReplayProgress.NothingToDo, []);
        var (progress, faults, seen) = sandboxReplay.Carry(endpoint, result, JoinAnswer.For(endpoint, result), isLast);
        if (!endpoint.IsReplayed && (progress is ReplayProgress.Done or ReplayProgress.AwaitsGateway))
            endpoint = lifecycle.Save(seen with { IsReplayed = true });
        if (progress != ReplayProgress.NotReady && LeaseService.IsDue(endpoint))
            faults = [.. faults, .. await FollowLeaseAsync(endpoint, cancel)];
        foreach (var fault in faults)
            NotCarried(fault);
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

    [LoggerMessage(LogLevel.Error, "not carried over to the container: {Reason}; its network lacks this")]
    private partial void NotCarried(string reason);
}
