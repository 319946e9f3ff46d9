using DockerDriver.Attachments;
using DockerDriver.Background;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.Ipam;

/// <summary>
/// Gives back what is reserved for nobody: at the start, whenever the engine starts, and now and then. Follows the endpoints, which have a
/// reconciler of their own.
/// </summary>
internal sealed class ReservationReconciler(
    StateFolder<StoredPool> pools,
    StateFolder<StoredReservation> store,
    ReservationLifecycle reservations,
    PoolService poolService,
    AddressService addresses,
    TimeProvider clock,
    ILogger<ReservationReconciler> log) : BackgroundLoop("reconciliation of reserved addresses", clock, log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>
    /// IpamDriver.GetCapabilities: an engine has just started, after a managed plugin as well as after Plugin.Activate. No request is under
    /// way, so that an address without an endpoint is nobody's; and the engine is about to start its containers with the same addresses.
    /// </summary>
    /// <remarks>No replay: what the engine would repeat is on disk here, and could not be told from a wish for the same address.</remarks>
    public async Task<IpamCapabilities> EngineHasStartedAsync()
    {
        await addresses.ReleaseForgottenAsync(engineHasStarted: true);
        return new(RequiresMacAddress: false, RequiresRequestReplay: false);
    }

    /// <summary>Before the socket opens. What was being reserved has been told to nobody.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        pools.Load();
        store.Load();
        foreach (var unfinished in store.All.Where(reservation => reservation.Phase == ReservationPhase.Reserving))
            reservations.Save(unfinished with { Phase = ReservationPhase.Releasing });
        return base.StartAsync(cancellationToken);
    }

    protected override async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, Clock);
        do
        {
            await addresses.ReleaseForgottenAsync(engineHasStarted: false);
            poolService.RemoveForgotten();
            Succeeded();
        }
        while (await timer.WaitForNextTickAsync(stop));
    }
}
