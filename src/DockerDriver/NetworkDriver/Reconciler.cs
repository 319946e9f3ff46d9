using CniCore.Linux;
using CniCore.Linux.Netlink;
using CniCore.Plugins.Interfaces;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Attachments;
using DockerDriver.Background;
using DockerDriver.Firewall;
using DockerDriver.HostPorts;
using DockerDriver.Logging;
using DockerDriver.Protocol;
using DockerDriver.Sandboxes;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// Makes what is stored and what is there agree: at the start, whenever the engine starts, and now and then. Docker calls nobody
/// a second time, and after a crash of its own it may not call at all (a plugin it has not activated yet is passed over).
/// </summary>
internal sealed partial class EndpointReconciler(
    StateFolder<StoredNetwork> networks,
    StateFolder<StoredEndpoint> endpoints,
    EndpointLifecycle lifecycle,
    EndpointPorts endpointPorts,
    EndpointReplay replay,
    EndpointDrift drift,
    RetryQueue retries,
    CniRuntime runtime,
    FirewallReconciler rules,
    HostForwarding forwarding,
    HoldingNamespaces holding,
    PortReservations ports,
    LostNetworks unknown,
    NetworkSignal news,
    Boot boot,
    TimeProvider clock,
    ILogger<EndpointReconciler> log) : BackgroundLoop("reconciliation of endpoints", clock, log), IReadinessCheck
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    // From an endpoint's announcement until its interface is seen in a sandbox. Docker retries a broken call for 15 s.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    // From Join until the engine has made the sandbox, on the busiest host.
    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(5);

    // The engine's own start waits for the answer, and gives up on a plugin's after some 15 s.
    private static readonly TimeSpan ActivationLimit = TimeSpan.FromSeconds(5);

    private readonly KeyedLocks passes = new(); // one pass at a time
    private readonly HashSet<string> missed = new(StringComparer.Ordinal);
    private volatile bool hasReconciled;

    public string Name => "networks";

    public Task<string?> NotReadyReasonAsync(CancellationToken cancel) =>
        Task.FromResult(hasReconciled ? null : "what the last run left is being compared with what is there");

    /// <summary>
    /// Plugin.Activate: an engine has just started, perhaps after a crash. What of its containers has not survived is torn down before
    /// the answer, as far as that takes seconds: the engine is about to start them again, with the same ports and addresses. The rest
    /// goes on.
    /// </summary>
    public async Task<Activation> EngineHasStartedAsync()
    {
        unknown.LookAgain();
        news.Tell();
        var begun = Task.WhenAll(await ReconcileAsync(engineHasStarted: true));
        await begun.WaitAsync(ActivationLimit, Clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!begun.IsCompleted)
            GoesOn(ActivationLimit.TotalSeconds);
        return new(["NetworkDriver", "IpamDriver"]);
    }

    /// <summary>Before the socket opens: the state of the last run is read, its ports are held again, its bridges guarded.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        networks.Load();
        endpoints.Load();
        runtime.RemoveUnfinished();
        holding.RemoveAllBut(endpoints.All.Select(endpoint => endpoint.Id).ToHashSet());
        foreach (var endpoint in endpoints.All.Where(endpoint => endpoint.Boot == boot.Id)) // of an earlier boot no rule stands
        {
            if (ports.TakeAgain(endpoint.Id, endpoint.SandboxKey, endpoint.Ports) is { Count: > 0 } lost)
                PortsLost(ShortId.Of(endpoint.Id), PortRanges.Text(lost));
            if (endpointPorts.ProxiedTo(endpoint) is { } container)
                ports.Serve(endpoint.Id, container);
        }
        Guard(isStart: true);
        Isolate();
        Restored(networks.All.Count, endpoints.All.Count);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, Clock);
        do
        {
            await ReconcileAsync(engineHasStarted: false);
            await Task.WhenAll(endpoints.All
                .Where(endpoint => EndpointReplay.IsDue(endpoint) && Clock.Since(endpoint.ChangedAt) > Interval)
                .Select(CarryOverAsync));
            Succeeded();
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    // Begins the teardown of what is dead, and waits for none.
    private async Task<IReadOnlyList<Task>> ReconcileAsync(bool engineHasStarted)
    {
        using var alone = await passes.TakeAsync("", CancellationToken.None);
        Guard(isStart: false);
        var begun = new List<Task>();
        foreach (var endpoint in endpoints.All)
        {
            try
            {
                if (!IsDead(endpoint, engineHasStarted) || (retries.IsResting(endpoint) && !engineHasStarted))
                    continue;
                if (endpoint.Phase != EndpointPhase.Leaving)
                    Orphan(ShortId.Of(endpoint.Id), endpoint.Phase);
                begun.Add(retries.Start(endpoint, endpoint.ListName, () => lifecycle.ForgetAsync(endpoint)));
                missed.Remove(endpoint.Id);
            }
            catch (Exception fault)
            {
                NotJudged(ShortId.Of(endpoint.Id), fault.Message, Interval.TotalSeconds);
            }
        }
        missed.IntersectWith(endpoints.All.Select(endpoint => endpoint.Id));
        hasReconciled = true;
        return begun;
    }

    private async Task CarryOverAsync(StoredEndpoint endpoint)
    {
        try
        {
            await replay.CarryOverAsync(endpoint.Id, isLast: true);
        }
        catch (Exception fault)
        {
            NotCarried(ShortId.Of(endpoint.Id), fault.Message, Interval.TotalSeconds); // its sandbox has ended meanwhile, most likely
        }
    }

    private bool IsDead(StoredEndpoint endpoint, bool engineHasStarted)
    {
        if (endpoint.Boot != boot.Id || endpoint.Phase == EndpointPhase.Leaving)
            return true;
        if (engineHasStarted && endpoint.Phase == EndpointPhase.Left)
            return true; // the engine that would have removed it next is no more
        if (endpoint.Phase == EndpointPhase.Joined)
            return IsGone(endpoint, engineHasStarted);
        return Clock.Since(endpoint.ChangedAt) > Grace; // never joined, or Docker's time to remove it is over
    }

    // What a container does with its interface is not its end: that is when nobody runs in the sandbox any more, or libnetwork has taken
    // the interface out.
    private bool IsGone(StoredEndpoint endpoint, bool engineHasStarted)
    {
        var age = Clock.Since(endpoint.ChangedAt);
        if (!engineHasStarted && age < Grace)
            return false;
        if (Sandbox.HasInterface(endpoint))
        {
            drift.NoteInterface(endpoint);
            missed.Remove(endpoint.Id);
            return false;
        }
        var isOnHost = Sandbox.IsOnHost(endpoint);
        if (!isOnHost && Sandbox.HasProcesses(endpoint))
        {
            drift.NoteAbsence(endpoint);
            missed.Remove(endpoint.Id);
            return false;
        }
        if (engineHasStarted)
            return true; // nothing can be on its way into a sandbox
        if (isOnHost && !Sandbox.Exists(endpoint) && age < LongestStart)
            return false;
        return !missed.Add(endpoint.Id); // twice in a row: not just on its way
    }

    // Endpoints of a cnid before 0.2 have ports that are not.
    private void Isolate()
    {
        foreach (var endpoint in endpoints.All)
        {
            try
            {
                if (networks.Find(endpoint.NetworkId) is { } network)
                    PortIsolation.Apply(network, lifecycle.ResultOf(endpoint));
            }
            catch (Exception fault) when (fault is NetlinkException or CniException)
            {
                NotGuarded(fault.Message);
            }
        }
    }

    private void Guard(bool isStart)
    {
        try
        {
            rules.MendBridges(isStart);
            forwarding.Guard();
            forwarding.Restore();
            if (isStart)
                HostForwarding.DeleteUnfinished();
        }
        catch (Exception fault) when (fault is CniException or IOException or UnauthorizedAccessException)
        {
            NotGuarded(fault.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "state read: {Networks} networks, {Endpoints} endpoints")]
    private partial void Restored(int networks, int endpoints);

    [LoggerMessage(LogLevel.Warning, "endpoint {Endpoint}: {Ports} cannot be held any more: another process has taken them, or there are "
        + "no open files left for them; the mapping stands")]
    private partial void PortsLost(string endpoint, string ports);

    [LoggerMessage(LogLevel.Information, "endpoint {Endpoint} ({Phase}) has no container any more; tearing it down")]
    private partial void Orphan(string endpoint, EndpointPhase phase);

    [LoggerMessage(LogLevel.Warning, "endpoint {Endpoint} could not be looked at: {Reason}; next look in {Seconds} s")]
    private partial void NotJudged(string endpoint, string reason, double seconds);

    [LoggerMessage(LogLevel.Warning,
        "what an engine before this one has left is not all torn down within {Seconds} s; that goes on while the engine starts")]
    private partial void GoesOn(double seconds);

    [LoggerMessage(LogLevel.Error,
        "endpoint {Endpoint}: what its plugins left could not be carried over to its container: {Reason}; next try in {Seconds} s")]
    private partial void NotCarried(string endpoint, string reason, double seconds);

    [LoggerMessage(LogLevel.Error, "networks are not kept apart: {Reason}")]
    private partial void NotGuarded(string reason);
}
