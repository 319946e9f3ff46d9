using System.Threading.Channels;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
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
    HoldingNamespaces holding,
    PortReservations ports,
    Boot boot,
    TimeProvider clock,
    ILogger<Reconciler> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    // From an endpoint's announcement until its interface is seen in a sandbox. Docker retries a broken call for 15 s.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    private readonly Channel<bool> wakeUps = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly HashSet<string> missed = new(StringComparer.Ordinal);

    /// <summary>Plugin.Activate: an engine has just started, perhaps after a crash.</summary>
    public Activation EngineHasStarted()
    {
        wakeUps.Writer.TryWrite(true);
        return new(["NetworkDriver"]);
    }

    /// <summary>Before the socket opens: the state of the last run is read, its ports are held again, its bridges guarded.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        networks.Load();
        endpoints.Load();
        holding.RemoveAllBut(endpoints.All.Select(endpoint => endpoint.Id).ToHashSet());
        foreach (var endpoint in endpoints.All)
        {
            if (ports.TakeAgain(endpoint) is { Count: > 0 } lost)
                PortsLost(endpoint.Id[..12], string.Join(", ", lost));
        }
        Guard();
        Restored(networks.All.Count, endpoints.All.Count);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        var tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
        while (!stoppingToken.IsCancellationRequested)
        {
            await ReconcileAsync();
            var wakeUp = wakeUps.Reader.ReadAsync(stoppingToken).AsTask();
            if (await Task.WhenAny(tick, wakeUp) == tick)
            {
                await tick;
                tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
            }
        }
    }

    private async Task ReconcileAsync()
    {
        Guard();
        foreach (var endpoint in endpoints.All.Where(IsDead))
        {
            try
            {
                Orphan(endpoint.Id[..12], endpoint.Phase);
                await service.ForgetAsync(endpoint);
                missed.Remove(endpoint.Id);
            }
            catch (Exception fault)
            {
                StillThere(endpoint.Id[..12], fault.Message, Interval.TotalSeconds);
            }
        }
        missed.IntersectWith(endpoints.All.Select(endpoint => endpoint.Id));
    }

    private bool IsDead(StoredEndpoint endpoint)
    {
        if (endpoint.Boot != boot.Id)
            return true;
        if (endpoint.Phase == EndpointPhase.Leaving)
            return true;
        if (clock.GetUtcNow() - endpoint.ChangedAt < Grace)
            return false;
        if (endpoint.Phase != EndpointPhase.Joined)
            return true;
        if (Sandbox.HasInterface(endpoint) || IsOnHost(endpoint))
        {
            missed.Remove(endpoint.Id);
            return false;
        }
        return !missed.Add(endpoint.Id); // missing twice in a row: not just on its way
    }

    private static bool IsOnHost(StoredEndpoint endpoint)
    {
        using var route = RouteSocket.Open();
        return route.FindLink(endpoint.HostName) is not null;
    }

    private void Guard()
    {
        try
        {
            if (networks.All.Any(network => network.Bridge is not null) && !Bridges.IsGuarded())
                Bridges.Guard(networks.All);
        }
        catch (NftablesException fault)
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

    [LoggerMessage(LogLevel.Error, "networks are not kept apart: {Reason}")]
    private partial void NotGuarded(string reason);
}
