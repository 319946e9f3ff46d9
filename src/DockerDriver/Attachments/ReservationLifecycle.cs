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

/// <summary>The lifecycle of a reservation: addresses that a list's IPAM plugin assigns before an endpoint exists.</summary>
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
    /// Runs ADD in a temporary namespace; an IPAM plugin creates nothing in it. The record stays <see cref="ReservationPhase.Reserving"/>;
    /// a failure leaves nothing.
    /// </summary>
    /// <param name="ipamList">A list with the IPAM plugin only.</param>
    /// <param name="container">The name of the container that it is for; empty where unknown.</param>
    /// <param name="cancel">Cancels the call.</param>
    /// <param name="requested">The requested address; null leaves the choice to the plugin.</param>
    public Task<(StoredReservation Reservation, CniResult Result)> AddAsync(
        NetworkList ipamList, CidrAddress? requested, string container, CancellationToken cancel)
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
            var result = await AddAsync(ipamList, reservation.Id, requested, cancel);
            return result.Ips.Count == 0
                ? throw new RefusedException(
                    $"the IPAM plugin {ipamList.Plugins[0].Type} of the list '{ipamList.Name}' reported success without an address")
                : (Save(reservation with { Addresses = [.. result.Ips.Select(ip => ip.Address.ToString())] }), result);
        });
    }

    /// <summary>
    /// Runs ADD again for the first claimed address after a reboot, in which an IPAM plugin may have lost it (its files under <c>/run</c>,
    /// or reclaimed).
    /// </summary>
    public async Task RenewAsync(StoredReservation reservation, NetworkList ipamList)
    {
        using var deadline = new CancellationTokenSource(settings.CallTimeout, Clock);
        await DeleteAsync(reservation, deadline.Token);
        var requested = CidrAddress.Parse(reservation.Claimed[0]);
        var result = await AddAsync(ipamList, reservation.Id, requested, deadline.Token);
        if (result.Ips.All(ip => ip.Address != requested))
            throw new RefusedException($"the IPAM assigned {string.Join(", ", result.Ips.Select(ip => ip.Address))} instead");
        Save(reservation with { Addresses = [.. result.Ips.Select(ip => ip.Address.ToString())], Boot = boot.Id });
    }

    public override Task<StoredReservation> DeleteAsync(StoredReservation record) => DeleteAsync(record, async reservation =>
    {
        using var deadline = new CancellationTokenSource(settings.CallTimeout, Clock);
        await DeleteAsync(reservation, deadline.Token);
        Records.Remove(reservation.Id);
        return reservation;
    });

    /// <summary>Releases it manually: if DEL fails, it is forgotten. Returns a message for the user.</summary>
    public async Task<string> ReleaseAsync(StoredReservation reservation)
    {
        var line = AttachmentOf(reservation) is { } attachment
            ? await ForcedRelease.RunAsync(runtime, attachment, () => DeleteAsync(reservation))
            : $"released {reservation.ListName}/{reservation.Id}: it had no attachment";
        Records.Remove(reservation.Id);
        return line;
    }

    protected override void LogFailedDelete(StoredReservation record, string reason, double seconds) =>
        NotReleased(record.ListName, string.Join(", ", record.Addresses), record.Id, reason, seconds);

    protected override void LogRepeatedFailedDelete(StoredReservation record, string reason, double seconds) =>
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
            // without a netns it has failed before
            await InEmptyNamespaceAsync(reservation.Id, netnsPath => runtime.DeleteAsync(attachment, netnsPath, cancel));
    }

    private async Task<CniResult> AddAsync(NetworkList ipamList, string id, CidrAddress? requested, CancellationToken cancel)
    {
        CniResult? result = null;
        await InEmptyNamespaceAsync(id, async netnsPath =>
        {
            var request = new AttachmentRequest
            {
                ContainerId = ContainerId.Parse(id),
                NetNs = netnsPath,
                IfName = HoldingNamespaces.IfName,
                IsAddressOnly = true,
            };
            var (list, withAddress) = new AddressRequest(requested is { } address
                ? [address.ToString()]
                : [], Mac: "")
            { IsExplicit = true }.ApplyTo(ipamList, request);
            result = await runtime.AddAsync(list, withAddress, cancel);
        });
        return result!;
    }

    private async Task InEmptyNamespaceAsync(string id, Func<string, Task> work)
    {
        var netnsPath = Path.Combine(settings.NamespacesFolder, id);
        try
        {
            using var netns = NetworkNamespace.CreatePinned(netnsPath);
            await work(netnsPath);
        }
        finally
        {
            NetworkNamespace.Unpin(netnsPath);
        }
    }

    [LoggerMessage(LogLevel.Error, "list {List}: {Addresses} of {Id} are not released: {Reason}; next try in {Seconds} s, then with "
        + "growing pauses until it succeeds; see 'cnid attachments'")]
    private partial void NotReleased(string list, string addresses, string id, string reason, double seconds);

    [LoggerMessage(LogLevel.Debug, "list {List}: {Addresses} of {Id} are still not released: {Reason}; next try in {Seconds} s")]
    private partial void StillNotReleased(string list, string addresses, string id, string reason, double seconds);
}
