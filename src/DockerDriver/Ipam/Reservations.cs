using CniCore.Linux.Namespaces;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Attachments;
using DockerDriver.Configuration;
using DockerDriver.Errors;
using DockerDriver.Lists;
using DockerDriver.Sandboxes;
using DockerDriver.State;

namespace DockerDriver.Ipam;

/// <summary>
/// Asks a list's IPAM plugin for addresses and gives them back. What may have been given is on disk before the plugin is asked, and until
/// it has been given back.
/// </summary>
internal sealed class Reservations(
    Settings settings, StateFolder<StoredReservation> store, CniRuntime runtime, Boot boot, TimeProvider clock)
{
    /// <summary>
    /// ADD, in a namespace that is thrown away: the plugin makes nothing in it. It stays <see cref="ReservationPhase.Reserving"/>; when it
    /// fails, nothing stays.
    /// </summary>
    /// <param name="ipamList">A list of the IPAM plugin alone.</param>
    /// <param name="wish">An address to ask for; null leaves the choice to the plugin.</param>
    /// <param name="container">The name of the container that it is for; empty where it is not known.</param>
    /// <param name="cancel">Ends the run.</param>
    public async Task<(StoredReservation Reservation, CniResult Result)> TakeAsync(
        NetworkList ipamList, CidrAddress? wish, string container, CancellationToken cancel)
    {
        var reservation = Save(new() { Id = $"ipam-{Guid.NewGuid():N}", ListName = ipamList.Name.ToString(),
            ContainerName = container, Boot = boot.Id });
        try
        {
            var result = await AddAsync(ipamList, reservation.Id, wish, cancel);
            if (result.Ips.Count == 0)
                throw new RefusedException(
                    $"the IPAM plugin {ipamList.Plugins[0].Type} of the list '{ipamList.Name}' reported success and gave no address");
            return (Save(reservation with { Addresses = [.. result.Ips.Select(ip => ip.Address.ToString())] }), result);
        }
        catch (Exception fault)
        {
            await UndoAsync(reservation, fault);
            throw;
        }
    }

    /// <summary>
    /// ADD again, for the first address that is claimed: after another boot, in which an IPAM may have forgotten it (its files under
    /// <c>/run</c>, or reclaimed).
    /// </summary>
    public async Task RenewAsync(StoredReservation reservation, NetworkList ipamList)
    {
        using var deadline = new CancellationTokenSource(settings.CallTimeout, clock);
        await DeleteAsync(reservation, deadline.Token);
        var wish = CidrAddress.Parse(reservation.Claimed[0]);
        var result = await AddAsync(ipamList, reservation.Id, wish, deadline.Token);
        if (result.Ips.All(ip => ip.Address != wish))
            throw new RefusedException($"the IPAM gave {string.Join(", ", result.Ips.Select(ip => ip.Address))} in its place");
        Save(reservation with { Addresses = [.. result.Ips.Select(ip => ip.Address.ToString())], Boot = boot.Id });
    }

    /// <summary>DEL. Right to repeat. Has a time limit of its own: the call that wanted it may be over.</summary>
    public async Task GiveBackAsync(StoredReservation reservation)
    {
        using var deadline = new CancellationTokenSource(settings.CallTimeout, clock);
        try
        {
            reservation = Note(reservation with { Phase = ReservationPhase.Releasing });
            await DeleteAsync(reservation, deadline.Token);
            store.Remove(reservation.Id);
        }
        catch (Exception fault)
        {
            Note(reservation with { Fault = fault.Message });
            throw;
        }
    }

    /// <summary>Gives it back by hand: where DEL fails it is forgotten. Answers what has come of it, for people.</summary>
    public async Task<string> ReleaseAsync(StoredReservation reservation)
    {
        var line = AttachmentOf(reservation) is { } attachment
            ? await Release.RunAsync(runtime, attachment, () => GiveBackAsync(reservation))
            : $"released {reservation.ListName}/{reservation.Id}: it had no attachment";
        store.Remove(reservation.Id);
        return line;
    }

    /// <summary>Gives back what was reserved in vain.</summary>
    /// <exception cref="RefusedException">That failed as well, and is tried again; both reasons.</exception>
    public async Task UndoAsync(StoredReservation reservation, Exception fault)
    {
        try
        {
            await GiveBackAsync(reservation with { AddFault = fault.Message });
        }
        catch (Exception undo) when (fault is not OperationCanceledException)
        {
            throw new RefusedException(Reasons.Of(fault.Message, undo.Message));
        }
        catch (Exception)
        {
            // stored where it was; the caller has gone
        }
    }

    public StoredReservation Save(StoredReservation reservation)
    {
        reservation = reservation with { ChangedAt = clock.GetUtcNow() };
        store.Save(reservation);
        return reservation;
    }

    private CniCore.Cache.Attachment? AttachmentOf(StoredReservation reservation) =>
        runtime.Find(NetworkName.Parse(reservation.ListName), ContainerId.Parse(reservation.Id), HoldingNamespaces.IfName);

    // What goes, goes on a full disk too.
    private StoredReservation Note(StoredReservation reservation)
    {
        store.Note(reservation = reservation with { ChangedAt = clock.GetUtcNow() });
        return reservation;
    }

    private async Task DeleteAsync(StoredReservation reservation, CancellationToken cancel)
    {
        if (AttachmentOf(reservation) is not { } attachment)
            return;
        if (attachment.FailedDels == 0)
            await runtime.DeleteAsync(attachment, "", cancel);
        else
            // it has refused without one
            await InEmptyNamespaceAsync(reservation.Id, netns => runtime.DeleteAsync(attachment, netns, cancel));
    }

    private async Task<CniResult> AddAsync(NetworkList ipamList, string id, CidrAddress? wish, CancellationToken cancel)
    {
        CniResult? result = null;
        await InEmptyNamespaceAsync(id, async netns =>
        {
            var request = new AttachmentRequest { ContainerId = ContainerId.Parse(id), NetNs = netns, IfName = HoldingNamespaces.IfName };
            var (list, wishing) = new AddressWish(wish is { } address
                ? [address.ToString()]
                : [], Mac: "") { IsByHand = true }.In(ipamList, request);
            result = await runtime.AddAsync(list, wishing, cancel);
        });
        return result!;
    }

    private async Task InEmptyNamespaceAsync(string id, Func<string, Task> work)
    {
        var netns = Path.Combine(settings.NamespacesFolder, id);
        try
        {
            using var space = NetworkNamespace.CreatePinned(netns);
            await work(netns);
        }
        finally
        {
            NetworkNamespace.Unpin(netns);
        }
    }
}
