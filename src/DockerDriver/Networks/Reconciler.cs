using CniCore.Linux.Nftables;
using CniCore.Plugins.Interfaces;
using CniCore.Spec;
using DockerDriver.Hosting;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.Networks;

/// <summary>
/// Makes what is stored and what is there agree: at the start, whenever the engine starts, and now and then. Docker calls nobody
/// a second time, and after a crash of its own it may not call at all (a plugin it has not activated yet is passed over).
/// </summary>
internal sealed partial class Reconciler(
    StateFolder<StoredNetwork> networks,
    StateFolder<StoredEndpoint> endpoints,
    EndpointService service,
    Attacher attacher,
    HoldingNamespaces holding,
    PortReservations ports,
    UnknownNetworks unknown,
    NetworkNews news,
    Boot boot,
    TimeProvider clock,
    ILogger<Reconciler> log) : BackgroundLoop("reconciliation of endpoints", clock, log), IReadinessPart
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    // From an endpoint's announcement until its interface is seen in a sandbox. Docker retries a broken call for 15 s.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    // From Join until the engine has made the sandbox, on the busiest host.
    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(5);

    private readonly KeyedLocks passes = new(); // one pass at a time
    private readonly HashSet<string> missed = new(StringComparer.Ordinal);
    private volatile bool hasReconciled;

    public string Name => "networks";

    public Task<string?> WhyNotAsync(CancellationToken cancel) =>
        Task.FromResult(hasReconciled ? null : "what the last run left is being compared with what is there");

    /// <summary>
    /// Plugin.Activate: an engine has just started, perhaps after a crash. What of its containers has not survived is unmade before
    /// the answer: the engine is about to start them again, with the same ports.
    /// </summary>
    public async Task<Activation> EngineHasStartedAsync()
    {
        unknown.LookAgain();
        news.Tell();
        await ReconcileAsync(engineHasStarted: true);
        return new(["NetworkDriver", "IpamDriver"]);
    }

    /// <summary>Before the socket opens: the state of the last run is read, its ports are held again, its bridges guarded.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        networks.Load();
        endpoints.Load();
        holding.RemoveAllBut(endpoints.All.Select(endpoint => endpoint.Id).ToHashSet());
        foreach (var endpoint in endpoints.All)
        {
            if (ports.TakeAgain(endpoint.Id, endpoint.SandboxKey, endpoint.Ports) is { Count: > 0 } lost)
                PortsLost(ShortId.Of(endpoint.Id), string.Join(", ", lost));
        }
        Guard();
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
            Succeeded();
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    private async Task ReconcileAsync(bool engineHasStarted)
    {
        using var alone = await passes.TakeAsync("", CancellationToken.None);
        Guard();
        foreach (var endpoint in endpoints.All)
        {
            try
            {
                if (!IsDead(endpoint, engineHasStarted)) // its sandbox may end while it is looked at
                    continue;
                Orphan(ShortId.Of(endpoint.Id), endpoint.Phase);
                await service.ForgetAsync(endpoint);
                missed.Remove(endpoint.Id);
            }
            catch (Exception fault)
            {
                StillThere(ShortId.Of(endpoint.Id), fault.Message, Interval.TotalSeconds);
            }
        }
        foreach (var endpoint in endpoints.All.Where(endpoint => EndpointService.IsCarryOverDue(endpoint) && Clock.GetUtcNow() - endpoint.ChangedAt > Interval))
            await CarryOverAsync(endpoint);
        missed.IntersectWith(endpoints.All.Select(endpoint => endpoint.Id));
        hasReconciled = true;
    }

    private async Task CarryOverAsync(StoredEndpoint endpoint)
    {
        try
        {
            await service.CarryOverAsync(endpoint.Id, isLast: true);
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
        return Clock.GetUtcNow() - endpoint.ChangedAt > Grace; // never joined, or Docker's time to remove it is over
    }

    // What a container does with its interface is not its end: that is when nobody runs in the sandbox any more, or libnetwork has taken the interface out.
    private bool IsGone(StoredEndpoint endpoint, bool engineHasStarted)
    {
        var age = Clock.GetUtcNow() - endpoint.ChangedAt;
        if (!engineHasStarted && age < Grace)
            return false;
        if (Sandbox.HasInterface(endpoint))
        {
            service.NoteInterface(endpoint);
            missed.Remove(endpoint.Id);
            return false;
        }
        var isOnHost = Sandbox.IsOnHost(endpoint);
        if (!isOnHost && Sandbox.IsInhabited(endpoint))
        {
            service.NoteAbsence(endpoint);
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
                    PortIsolation.Apply(network, attacher.ResultOf(endpoint));
            }
            catch (Exception fault) when (fault is NetlinkException or CniException)
            {
                NotGuarded(fault.Message);
            }
        }
    }

    private void Guard()
    {
        try
        {
            if (networks.All.Any(network => network.Bridge is not null) && !Bridges.IsGuarded())
                Bridges.Guard(networks.All);
            HostForwarding.Guard();
            HostForwarding.Restore();
        }
        catch (Exception fault) when (fault is NftablesException or NetlinkException)
        {
            NotGuarded(fault.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "state read: {Networks} networks, {Endpoints} endpoints")]
    private partial void Restored(int networks, int endpoints);

    [LoggerMessage(LogLevel.Warning, "endpoint {Endpoint}: another process has taken {Ports} in the meantime; its mapping stands, but both lay claim to it")]
    private partial void PortsLost(string endpoint, string ports);

    [LoggerMessage(LogLevel.Information, "endpoint {Endpoint} ({Phase}) has no container any more; unmaking it")]
    private partial void Orphan(string endpoint, EndpointPhase phase);

    [LoggerMessage(LogLevel.Error, "endpoint {Endpoint} could not be unmade: {Reason}; next try in {Seconds} s")]
    private partial void StillThere(string endpoint, string reason, double seconds);

    [LoggerMessage(LogLevel.Error, "endpoint {Endpoint}: what its plugins left could not be carried over to its container: {Reason}; next try in {Seconds} s")]
    private partial void NotCarried(string endpoint, string reason, double seconds);

    [LoggerMessage(LogLevel.Error, "networks are not kept apart: {Reason}")]
    private partial void NotGuarded(string reason);
}
