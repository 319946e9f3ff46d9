using System.Net;
using DockerDriver.State;

namespace DockerDriver.Ipam;

/// <summary>An address whose former owner is still being torn down.</summary>
internal sealed partial class AddressService
{
    // Docker's own call has 25 s, of which the IPAM plugin wants most.
    private static readonly TimeSpan FormerLimit = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A container that is made anew asks for the address of the one before: lets that one's endpoint end first, and its reservation.
    /// Waits for so long as that may take; then the refusal says what is in the way.
    /// </summary>
    private async Task AwaitFormerAsync(StoredPool pool, IPAddress wish, CancellationToken cancel)
    {
        if (Holder(pool, wish) is not { Phase: ReservationPhase.Releasing } holder)
            return;
        await EndAsync(holder).WaitAsync(FormerLimit, clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancel.ThrowIfCancellationRequested();
    }

    private async Task EndAsync(StoredReservation holder)
    {
        var addresses = holder.Addresses.Select(AddressOf).ToHashSet();
        var former = endpoints.All.Where(endpoint =>
            endpoint.Phase == EndpointPhase.Leaving && endpoint.ListName == holder.ListName
                && endpoint.Addresses.Any(address => addresses.Contains(AddressOf(address))));
        await Task.WhenAll(former.Select(teardowns.Start));
        if (store.Find(holder.Id) is { } still)
            await work.Start(still.Id, still.ListName, () => FinishAsync(still));
    }
}
