using System.Net;
using CniCore.Spec;
using DockerDriver.Attachments;
using DockerDriver.Background;
using DockerDriver.Errors;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.Ipam;

/// <summary>
/// RequestAddress and ReleaseAddress. Docker claims addresses of reservations: one ADD of a list of both families assigns two, of which the
/// second is claimed by a second request. A reservation is deleted when neither Docker nor an endpoint uses its addresses.
/// </summary>
internal sealed partial class AddressService(
    StateFolder<StoredPool> pools,
    StateFolder<StoredReservation> store,
    StateFolder<StoredEndpoint> endpoints,
    StateFolder<StoredNetwork> networks,
    ReservationLifecycle reservations,
    EndpointLifecycle endpointLifecycle,
    RetryQueue retries,
    Boot boot,
    KeyedLocks locks,
    TimeProvider clock,
    ILogger<AddressService> log)
{
    // From a claim until CreateEndpoint. Docker retries a failed call for 15 s.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    // The engine's start waits for the answer.
    private static readonly TimeSpan EngineStartLimit = TimeSpan.FromSeconds(5);

    // Docker's call has 25 s, most of which the IPAM plugin needs.
    private static readonly TimeSpan PreviousLimit = TimeSpan.FromSeconds(10);


    /// <summary>Returns an unclaimed address of a reservation, or makes a reservation. A gateway is compared only.</summary>
    public async Task<RequestAddressResponse> RequestAsync(RequestAddressRequest call, CancellationToken cancel)
    {
        var pool = pools.Find(call.PoolId)
            ?? throw new RefusedException($"the pool {call.PoolId} is unknown to cnid, whose state was lost. It is rebuilt with its "
                + "network when Docker answers: start the container then ('cnid health --ready' reports problems)");
        var subnet = AddressText.ParseNetwork(pool.Subnet);
        var requested = string.IsNullOrEmpty(call.Address) ? null : AddressText.Parse(call.Address);
        if (call.Options?.GetValueOrDefault(NetLabel.RequestAddressType) == NetLabel.Gateway)
            return Gateway(pool, requested);
        if (requested is not null && !subnet.Contains(requested))
            throw new RefusedException($"{requested} is not in the subnet {subnet} of the list '{pool.ListName}'");

        var container = call.Options?.GetValueOrDefault(NetLabel.EndpointName) ?? "";
        if (requested is not null)
            await AwaitPreviousAsync(pool, requested, cancel);
        using (await LockAsync(pool.ListName, cancel))
        {
            if (Claim(pool, subnet, requested, container) is { } spare)
                return Answer(spare);
        }
        return Answer(await ReserveAsync(pool, subnet, requested, container, cancel));
    }

    /// <summary>Docker releases an address. If its endpoint is still being torn down, the reservation is deleted after that.</summary>
    public async Task ReleaseAsync(ReleaseAddressRequest call)
    {
        if (pools.Find(call.PoolId) is not { } pool || !AddressText.TryParse(call.Address, out var address))
            return;
        StoredReservation? released;
        using (await LockAsync(pool.ListName, CancellationToken.None))
            released = Holder(pool, address) is { } holder ? Release(holder, cidr => AddressOf(cidr).Equals(address)) : null;
        if (released is not null)
            await DeleteIfUnusedAsync(released);
    }

    /// <summary>
    /// Releases a reservation manually, even if its plugin fails. Returns messages for the user; null where there is none.
    /// </summary>
    public async Task<IReadOnlyList<string>?> ForceReleaseAsync(string id)
    {
        if (store.Find(id) is not { } reservation)
            return null;
        using var held = await LockAsync(reservation.ListName, CancellationToken.None);
        return [await reservations.ReleaseAsync(reservation)];
    }

    /// <summary>Releases addresses that nobody will release: an engine or a daemon was killed in between.</summary>
    /// <param name="engineHasStarted">No request is in progress.</param>
    public async Task ReleaseForgottenAsync(bool engineHasStarted)
    {
        foreach (var list in store.All.Select(reservation => reservation.ListName).Distinct())
        {
            using (await LockAsync(list, CancellationToken.None))
            {
                var owned = OfEndpoints(list).Concat(networks.All.Where(network => network.ListName == list)
                    .SelectMany(network => network.AuxAddresses).Select(AddressOf)).ToHashSet();
                foreach (var reservation in Of(list, ReservationPhase.Reserved))
                {
                    var isYoung = !engineHasStarted && clock.Since(reservation.ChangedAt) < Grace;
                    if (isYoung || reservation.Claimed.All(cidr => owned.Contains(AddressOf(cidr))))
                        continue;
                    Forgotten(list, string.Join(", ", reservation.Claimed));
                    Release(reservation, cidr => !owned.Contains(AddressOf(cidr)));
                }
            }
        }
        var begun = Task.WhenAll(store.All.Where(reservation => engineHasStarted || !retries.IsBackingOff(reservation))
            .Select(FinishAsync));
        if (engineHasStarted)
            await begun.WaitAsync(EngineStartLimit, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the rest continues
    }

    private Task FinishAsync(StoredReservation reservation) => retries.Start(reservation, reservation.ListName, async () =>
    {
        if (reservation.IsTearingDown)
            await DeleteIfUnusedAsync(reservation);
        else if (reservation.Phase == ReservationPhase.Reserved && reservation.Boot != boot.Id)
            await RenewAsync(reservation);
    });

    // Endpoints of an earlier boot do not come back; an --aux-address has no endpoint to request it.
    private async Task RenewAsync(StoredReservation reservation)
    {
        var address = AddressOf(reservation.Claimed[0]);
        var pool = pools.All.FirstOrDefault(pool =>
            pool.ListName == reservation.ListName && AddressText.ParseNetwork(pool.Subnet).Contains(address));
        if (pool is null || OfEndpoints(reservation.ListName).Contains(address))
            return;
        try
        {
            await reservations.RenewAsync(reservation, pool.IpamList);
        }
        catch (Exception fault)
        {
            NotRenewed(reservation.ListName, string.Join(", ", reservation.Addresses), fault.Message);
        }
    }

    private static RequestAddressResponse Gateway(StoredPool pool, IPAddress? requested)
    {
        var gateway = CidrAddress.Parse(pool.Gateway);
        if (requested is null || requested.Equals(gateway.Address))
            return Answer(pool.Gateway);
        throw new RefusedException(gateway.PrefixLength == 0
            ? $"the IPAM of the list '{pool.ListName}' names no gateway: remove --gateway"
            : $"the list '{pool.ListName}' has the gateway {gateway.Address}, not {requested}: use --gateway {gateway.Address}, or remove "
                + "--gateway");
    }

    private async Task<string> ReserveAsync(StoredPool pool, IPNetwork subnet, IPAddress? requested, string container,
        CancellationToken cancel)
    {
        var (reservation, result) = await reservations.AddAsync(pool.IpamList, RequestedAddress(requested, subnet), container, cancel);
        var given = result.Ips.Select(ip => ip.Address)
            .Where(address => requested is null ? subnet.Contains(address.Address) : address.Address.Equals(requested)).ToList();
        if (given.Count > 0 && !cancel.IsCancellationRequested)
        {
            reservations.Save(reservation with { Phase = ReservationPhase.Reserved, Claimed = [given[0].ToString()] });
            Reserved(pool.ListName, string.Join(", ", reservation.Addresses), reservation.Id, container.Length > 0
                ? $" for {container}"
                : "");
            return given[0].ToString();
        }
        var assigned = $"the IPAM of the list '{pool.ListName}' assigned {string.Join(", ", reservation.Addresses)}";
        var refusal = new RefusedException(requested is null
            ? $"{assigned}, which is not in the network's subnet {subnet}: create the network with --ipam-driver "
                + "null"
            : $"{assigned} instead of {requested}: it does not support address requests; remove --ip");
        Exception fault = cancel.IsCancellationRequested ? new OperationCanceledException(cancel) : refusal;
        await reservations.UndoAsync(reservation, fault);
        throw fault;
    }

    // A pool of all addresses has no prefix length of its own.
    private static CidrAddress? RequestedAddress(IPAddress? requested, IPNetwork subnet)
    {
        if (requested is null)
            return null;
        return new(requested, subnet.PrefixLength > 0 ? subnet.PrefixLength : requested.GetAddressBytes().Length * 8);
    }

    // Prefers unclaimed addresses of a reservation for the same container.
    private string? Claim(StoredPool pool, IPNetwork subnet, IPAddress? requested, string container)
    {
        var ofEndpoints = OfEndpoints(pool.ListName).ToHashSet();
        foreach (var reservation in Of(pool.ListName, ReservationPhase.Reserved)
            .OrderByDescending(candidate => candidate.ContainerName == container))
        {
            var spare = reservation.Addresses.Except(reservation.Claimed)
                .FirstOrDefault(cidr => subnet.Contains(AddressOf(cidr)) && !ofEndpoints.Contains(AddressOf(cidr))
                    && (requested is null || requested.Equals(AddressOf(cidr))));
            if (spare is null)
                continue;
            reservations.Save(reservation with { Claimed = [.. reservation.Claimed, spare] });
            return spare;
        }
        if (requested is null || Holder(pool, requested) is not { } holder)
            return null;
        throw new RefusedException(holder.Phase == ReservationPhase.Releasing
            ? $"{requested} of the list '{pool.ListName}' is being released: {holder.Fault ?? "its endpoint is being torn down"}"
            : $"{requested} of the list '{pool.ListName}' is already in use");
    }

    private StoredReservation? Release(StoredReservation reservation, Func<string, bool> isReleased)
    {
        IReadOnlyList<string> left = [.. reservation.Claimed.Where(cidr => !isReleased(cidr))];
        if (left.Count == reservation.Claimed.Count)
            return null;
        var phase = left.Count == 0 ? ReservationPhase.Releasing : reservation.Phase;
        return reservations.Save(reservation with { Claimed = left, Phase = phase });
    }

    private async Task DeleteIfUnusedAsync(StoredReservation reservation)
    {
        var ofEndpoints = OfEndpoints(reservation.ListName).ToHashSet();
        if (reservation.Phase != ReservationPhase.Releasing || reservation.Addresses.Any(cidr => ofEndpoints.Contains(AddressOf(cidr))))
            return;
        await reservations.DeleteAsync(reservation);
        ReservationReleased(reservation.ListName, string.Join(", ", reservation.Addresses), reservation.Id);
    }

    /// <summary>
    /// Waits for the teardown of an endpoint with this address, and of its reservation: a container that is recreated requests the address
    /// of its predecessor. After the limit the request is refused.
    /// </summary>
    private async Task AwaitPreviousAsync(StoredPool pool, IPAddress requested, CancellationToken cancel)
    {
        if (Holder(pool, requested) is not { Phase: ReservationPhase.Releasing } holder)
            return;
        await EndAsync(holder).WaitAsync(PreviousLimit, clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancel.ThrowIfCancellationRequested();
    }

    private async Task EndAsync(StoredReservation holder)
    {
        var addresses = holder.Addresses.Select(AddressOf).ToHashSet();
        var previous = endpoints.All.Where(endpoint =>
            endpoint.IsTearingDown && endpoint.ListName == holder.ListName
                && endpoint.Addresses.Any(address => addresses.Contains(AddressOf(address))));
        await Task.WhenAll(previous.Select(endpoint =>
            retries.Start(endpoint, endpoint.ListName, () => endpointLifecycle.ForgetAsync(endpoint))));
        if (store.Find(holder.Id) is { } still)
            await FinishAsync(still);
    }

    private IEnumerable<StoredReservation> Of(string list, ReservationPhase phase) =>
        store.All.Where(reservation => reservation.ListName == list && reservation.Phase == phase);

    private StoredReservation? Holder(StoredPool pool, IPAddress address) =>
        store.All.FirstOrDefault(reservation =>
            reservation.ListName == pool.ListName && reservation.Addresses.Any(cidr => AddressOf(cidr).Equals(address)));

    private IEnumerable<IPAddress> OfEndpoints(string list) =>
        endpoints.All.Where(endpoint => endpoint.ListName == list && endpoint.Ipam is not null && endpoint.Boot == boot.Id)
            .SelectMany(endpoint => endpoint.Addresses).Select(AddressOf);

    private static IPAddress AddressOf(string cidr) => CidrAddress.Parse(cidr).Address;

    private static RequestAddressResponse Answer(string address) => new(address, new Dictionary<string, string>());

    private Task<IDisposable> LockAsync(string list, CancellationToken cancel) => locks.TakeAsync($"addresses of {list}", cancel);

    [LoggerMessage(LogLevel.Information, "list {List}: reserved {Addresses} as {Id}{For}")]
    private partial void Reserved(string list, string addresses, string id, string @for);

    [LoggerMessage(LogLevel.Information, "list {List}: released {Addresses} of {Id}")]
    private partial void ReservationReleased(string list, string addresses, string id);

    [LoggerMessage(LogLevel.Information, "list {List}: {Addresses} are unused; releasing them")]
    private partial void Forgotten(string list, string addresses);

    [LoggerMessage(LogLevel.Error, "list {List}: {Addresses} are not reserved again after the reboot: {Reason}; it is retried until it "
        + "succeeds")]
    private partial void NotRenewed(string list, string addresses, string reason);
}
