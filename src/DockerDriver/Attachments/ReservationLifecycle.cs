using CniCore.Linux.Namespaces;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Background;
using DockerDriver.Configuration;
using DockerDriver.Errors;
using DockerDriver.Lists;
using DockerDriver.Sandboxes;
using DockerDriver.State;

namespace DockerDriver.Attachments;

/// <summary>
/// The lifecycle of a reservation: a list's IPAM plugin is asked for addresses, and they are given back.
/// </summary>
internal sealed partial class ReservationLifecycle(
    Settings settings,
    StateFolder<StoredReservation> reservations,
    CniRuntime runtime,
    KeyedLocks locks,
    Boot boot,
    TimeProvider clock,
    ILogger<ReservationLifecycle> log) : AttachmentLifecycle<StoredReservation>(reservations, locks, clock)
{
    /// <summary>
    /// ADD, in a namespace that is thrown away: the plugin makes nothing in it. It stays <see cref="ReservationPhase.Reserving"/>; when it
    /// fails, nothing stays.
    /// </summary>
    /// <param name="ipamList">A list of the IPAM plugin alone.</param>
    /// <param name="wish">An address to ask for; null leaves the choice to the plugin.</param>
    /// <param name="container">The name of the container that it is for; empty where it is not known.</param>
    /// <param name="cancel">Ends the run.</param>
    public Task<(StoredReservation Reservation, CniResult Result)> AddAsync(
        NetworkList ipamList, CidrAddress? wish, string container, CancellationToken cancel)
    {
        var intent = new StoredReservation
        {
            Id = $"ipam-{Guid.NewGuid():N}",
            ListName = ipamList.Name.ToString(),
            ContainerName = container,
            Boot = boot.Id,
        };
        return AddAsync(intent, async reservation =>
        {
            var result = await AddAsync(ipamList, reservation.Id, wish, cancel);
            return result.Ips.Count == 0
                ? throw new RefusedException(
                    $"the IPAM plugin {ipamList.Plugins[0].Type} of the list '{ipamList.Name}' reported success and gave no address")
                : (Save(reservation with { Addresses = [.. result.Ips.Select(ip => ip.Address.ToString())] }), result);
        });
    }

    /// <summary>
    /// ADD again, for the first address that is claimed: after another boot, in which an IPAM may have forgotten it (its files under
    /// <c>/run</c>, or reclaimed).
    /// </summary>
    public async Task RenewAsync(StoredReservation reservation, NetworkList ipamList)
    {
        using var deadline = new CancellationTokenSource(settings.CallTimeout, Clock);
        await DeleteAsync(reservation, deadline.Token);
        var wish = CidrAddress.Parse(reservation.Claimed[0]);
        var result = await AddAsync(ipamList, reservation.Id, wish, deadline.Token);
        if (result.Ips.All(ip => ip.Address != wish))
            throw new RefusedException($"the IPAM gave {string.Join(", ", result.Ips.Select(ip => ip.Address))} in its place");
        Save(reservation with { Addresses = [.. result.Ips.Select(ip => ip.Address.ToString())], Boot = boot.Id });
    }

    public override Task<StoredReservation> DeleteAsync(StoredReservation record) => DeleteAsync(record, async reservation =>
    {
        using var deadline = new CancellationTokenSource(settings.CallTimeout, Clock);
        await DeleteAsync(reservation, deadline.Token);
        Records.Remove(reservation.Id);
        return reservation;
    });

    /// <summary>Gives it back by hand: where DEL fails it is forgotten. Answers what has come of it, for people.</summary>
    public async Task<string> ReleaseAsync(StoredReservation reservation)
    {
        var line = AttachmentOf(reservation) is { } attachment
            ? await Release.RunAsync(runtime, attachment, () => DeleteAsync(reservation))
            : $"released {reservation.ListName}/{reservation.Id}: it had no attachment";
        Records.Remove(reservation.Id);
        return line;
    }

    protected override void NotDeleted(StoredReservation record, string reason, double seconds) =>
        NotReleased(record.ListName, string.Join(", ", record.Addresses), record.Id, reason, seconds);

    protected override void StillNotDeleted(StoredReservation record, string reason, double seconds) =>
        StillNotReleased(record.ListName, string.Join(", ", record.Addresses), record.Id, reason, seconds);

    private CniCore.Cache.Attachment? AttachmentOf(StoredReservation reservation) =>
        runtime.Find(NetworkName.Parse(reservation.ListName), ContainerId.Parse(reservation.Id), HoldingNamespaces.IfName);

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
            var (list, wishing) = new AddressRequest(wish is { } address
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

    [LoggerMessage(LogLevel.Error, "list {List}: {Addresses} of {Id} are not given back: {Reason}; next try in {Seconds} s, ever more "
        + "rarely until it succeeds; 'cnid attachments' has it")]
    private partial void NotReleased(string list, string addresses, string id, string reason, double seconds);

    [LoggerMessage(LogLevel.Debug, "list {List}: {Addresses} of {Id} are still not given back: {Reason}; next try in {Seconds} s")]
    private partial void StillNotReleased(string list, string addresses, string id, string reason, double seconds);
}
