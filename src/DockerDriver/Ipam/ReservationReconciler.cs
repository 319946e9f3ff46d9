using DockerDriver.Attachments;
using DockerDriver.Background;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.Ipam;

/// <summary>
/// Releases reservations that nobody uses: at start, when the engine starts, and periodically. It relies on the endpoints, which have a
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
    /// IpamDriver.GetCapabilities: an engine has started, also for a managed plugin. No request is in progress, so that an address without
    /// an endpoint is unused; and the engine is about to start its containers with the same addresses.
    /// </summary>
    /// <remarks>
    /// Replay is not requested: the reservations are on disk, and a replayed request would look like a new one for the same address.
    /// </remarks>
    public async Task<IpamCapabilities> EngineHasStartedAsync()
    {
        await addresses.ReleaseForgottenAsync(engineHasStarted: true);
        return new(RequiresMacAddress: false, RequiresRequestReplay: false);
    }

    /// <summary>Runs before the sockets open. Docker has no address of an unfinished reservation.</summary>
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
