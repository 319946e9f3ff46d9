using CniCore.Linux;
using CniCore.Linux.Netlink;
using CniCore.Plugins.Bridge;
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
/// Reconciles the stored endpoints with the host: at start, when the engine starts, and periodically. Docker does not repeat its calls, and
/// after a crash it may not call at all (it skips a plugin that it has not activated yet).
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
    NetworkBridges bridges,
    HoldingNamespaces holding,
    PortReservations ports,
    LostNetworks lost,
    NetworkSignal networkSignal,
    Boot boot,
    KeyedLocks locks,
    TimeProvider clock,
    ILogger<EndpointReconciler> log) : BackgroundLoop(OnePass, clock, log), IReadinessCheck
{
    private const string OnePass = "reconciliation of endpoints"; // one at a time
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    // From CreateEndpoint until the interface is in a sandbox. Docker retries a failed call for 15 s.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    // From Join until the engine has created the sandbox, on a busy host.
    private static readonly TimeSpan MaxStartTime = TimeSpan.FromMinutes(5);

    // The engine's start waits for the answer, and gives a plugin up after some 15 s.
    private static readonly TimeSpan ActivationLimit = TimeSpan.FromSeconds(5);

    private readonly HashSet<string> missed = new(StringComparer.Ordinal);
    private volatile bool hasReconciled;

    public string Name => "networks";

    public Task<string?> NotReadyReasonAsync(CancellationToken cancel) =>
        Task.FromResult(hasReconciled ? null : "the stored endpoints are being compared with the host");

    /// <summary>
    /// Plugin.Activate: an engine has started, maybe after a crash. Endpoints whose containers have not survived are torn down before the
    /// answer, within a limit: the engine is about to start the containers again, with the same ports and addresses. The rest continues in
    /// the background.
    /// </summary>
    public async Task<ActivateResponse> EngineHasStartedAsync()
    {
        lost.Invalidate();
        networkSignal.Set();
        var begun = Task.WhenAll(await ReconcileAsync(engineHasStarted: true));
        await begun.WaitAsync(ActivationLimit, Clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!begun.IsCompleted)
            GoesOn(ActivationLimit.TotalSeconds);
        return new(["NetworkDriver", "IpamDriver"]);
    }

    /// <summary>Runs before the sockets open: loads the state, reserves the ports again, restores the firewall.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        networks.Load();
        endpoints.Load();
        runtime.RemoveUnfinished();
        holding.RemoveAllBut(endpoints.All.Select(endpoint => endpoint.Id).ToHashSet());
        foreach (var endpoint in endpoints.All.Where(endpoint => endpoint.Boot == boot.Id)) // no rule of another boot exists
        {
            if (ports.Reclaim(endpoint.Id, endpoint.SandboxKey, endpoint.Ports) is { Count: > 0 } lost)
                PortsLost(ShortId.Of(endpoint.Id), PortRanges.Text(lost));
            if (endpointPorts.ProxyTarget(endpoint) is { } container)
                ports.Serve(endpoint.Id, container);
        }
        RestoreFirewall(isStart: true);
        IsolatePorts();
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
                .Select(TryReplayAsync));
            Succeeded();
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    // Starts the teardown of dead endpoints without waiting for it.
    private async Task<IReadOnlyList<Task>> ReconcileAsync(bool engineHasStarted)
    {
        using var alone = await locks.TakeAsync(OnePass, CancellationToken.None);
        RestoreFirewall(isStart: false);
        var begun = new List<Task>();
        foreach (var endpoint in endpoints.All)
        {
            try
            {
                if (!IsDead(endpoint, engineHasStarted) || (retries.IsBackingOff(endpoint) && !engineHasStarted))
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

    private async Task TryReplayAsync(StoredEndpoint endpoint)
    {
        try
        {
            await replay.TryReplayAsync(endpoint.Id, isLast: true);
        }
        catch (Exception fault)
        {
            NotReplayed(ShortId.Of(endpoint.Id), fault.Message, Interval.TotalSeconds); // most likely its sandbox has just been destroyed
        }
    }

    private bool IsDead(StoredEndpoint endpoint, bool engineHasStarted)
    {
        if (endpoint.Boot != boot.Id || endpoint.Phase == EndpointPhase.Leaving)
            return true;
        if (engineHasStarted && endpoint.Phase == EndpointPhase.Left)
            return true; // the engine that would have called DeleteEndpoint is gone
        if (endpoint.Phase == EndpointPhase.Joined)
            return IsGone(endpoint, engineHasStarted);
        return Clock.Since(endpoint.ChangedAt) > Grace; // never joined, or Docker did not delete it in time
    }

    // A container may delete or move its interface without ending. An endpoint is gone when no process runs in the sandbox, or when
    // libnetwork has moved the interface out.
    private bool IsGone(StoredEndpoint endpoint, bool engineHasStarted)
    {
        var age = Clock.Since(endpoint.ChangedAt);
        if (!engineHasStarted && age < Grace)
            return false;
        if (Sandbox.HasInterface(endpoint))
        {
            drift.InterfaceFound(endpoint);
            missed.Remove(endpoint.Id);
            return false;
        }
        var isOnHost = Sandbox.IsOnHost(endpoint);
        if (!isOnHost && Sandbox.HasProcesses(endpoint))
        {
            drift.InterfaceMissing(endpoint);
            missed.Remove(endpoint.Id);
            return false;
        }
        if (engineHasStarted)
            return true; // nothing can be on its way into a sandbox
        if (isOnHost && !Sandbox.Exists(endpoint) && age < MaxStartTime)
            return false;
        return !missed.Add(endpoint.Id); // missing twice in a row: not on its way
    }

    // Versions before 0.2 did not isolate the ports of their endpoints.
    private void IsolatePorts()
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

    private void RestoreFirewall(bool isStart)
    {
        try
        {
            rules.RestoreNetworkRules(isStart);
            forwarding.Guard();
            forwarding.Restore();
            if (!isStart)
                return;
            HostForwarding.DeleteUnfinished();
            bridges.ForgetGone();
            runtime.RemoveStrayRules();
        }
        catch (Exception fault) when (fault is CniException or IOException or UnauthorizedAccessException)
        {
            NotGuarded(fault.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "state read: {Networks} networks, {Endpoints} endpoints")]
    private partial void Restored(int networks, int endpoints);

    [LoggerMessage(LogLevel.Warning, "endpoint {Endpoint}: {Ports} cannot be reserved again: another process uses them, or the open-file "
        + "limit is reached; their mapping stays")]
    private partial void PortsLost(string endpoint, string ports);

    [LoggerMessage(LogLevel.Information, "endpoint {Endpoint} ({Phase}) has no container; tearing it down")]
    private partial void Orphan(string endpoint, EndpointPhase phase);

    [LoggerMessage(LogLevel.Warning, "endpoint {Endpoint} could not be checked: {Reason}; next check in {Seconds} s")]
    private partial void NotJudged(string endpoint, string reason, double seconds);

    [LoggerMessage(LogLevel.Warning,
        "the endpoints of the previous engine are not all torn down within {Seconds} s; this continues while the engine starts")]
    private partial void GoesOn(double seconds);

    [LoggerMessage(LogLevel.Error,
        "endpoint {Endpoint}: its plugins' changes could not be replayed in its container: {Reason}; next try in {Seconds} s")]
    private partial void NotReplayed(string endpoint, string reason, double seconds);

    [LoggerMessage(LogLevel.Error, "the isolation of networks could not be restored: {Reason}")]
    private partial void NotGuarded(string reason);
}
