using System.Net;
using CniCore.Spec;
using DockerDriver.Attachments;
using DockerDriver.Background;
using DockerDriver.Errors;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.Ipam;

/// <summary>
/// RequestAddress and ReleaseAddress. Docker claims addresses of reservations: one ADD of a list of both families gives two, of which the
/// second waits for its own request. An address goes back when neither Docker nor an endpoint of ours has it.
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
    TimeProvider clock,
    ILogger<AddressService> log)
{
    // From a claim until its endpoint is announced. Docker retries a broken call for 15 s.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    // The engine's own start waits for the answer.
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(5);

    // Docker's own call has 25 s, of which the IPAM plugin wants most.
    private static readonly TimeSpan FormerLimit = TimeSpan.FromSeconds(10);

    private readonly KeyedLocks locks = new(); // one a list

    /// <summary>
    /// An address of the pool: one that is left over from a reservation, or a new reservation. The gateway is only compared.
    /// </summary>
    public async Task<AddressRequested> RequestAsync(RequestAddress call, CancellationToken cancel)
    {
        var pool = pools.Find(call.PoolId)
            ?? throw new RefusedException($"the pool {call.PoolId} is not known to cnid, whose state was lost. It is rebuilt with its "
                + "network, from what Docker has kept, as soon as Docker answers: start the container then ('cnid health --ready' says "
                    + "what is in the way)");
        var subnet = AddressText.ParseNetwork(pool.Subnet);
        var wish = string.IsNullOrEmpty(call.Address) ? null : AddressText.Parse(call.Address);
        if (call.Options?.GetValueOrDefault(NetLabel.RequestAddressType) == NetLabel.Gateway)
            return Gateway(pool, wish);
        if (wish is not null && !subnet.Contains(wish))
            throw new RefusedException($"{wish} is not in the subnet {subnet} of the list '{pool.ListName}'");

        var container = call.Options?.GetValueOrDefault(NetLabel.EndpointName) ?? "";
        if (wish is not null)
            await AwaitFormerAsync(pool, wish, cancel);
        using (await locks.TakeAsync(pool.ListName, cancel))
        {
            if (Claim(pool, subnet, wish, container) is { } spare)
                return Answer(spare);
        }
        return Answer(await ReserveAsync(pool, subnet, wish, container, cancel));
    }

    /// <summary>Docker lets go of it. Where its endpoint is still being unmade, it goes back after that.</summary>
    public async Task ReleaseAsync(ReleaseAddress call)
    {
        if (pools.Find(call.PoolId) is not { } pool || !AddressText.TryParse(call.Address, out var address))
            return;
        StoredReservation? released;
        using (await locks.TakeAsync(pool.ListName, CancellationToken.None))
            released = Holder(pool, address) is { } holder ? Release(holder, one => AddressOf(one).Equals(address)) : null;
        if (released is not null)
            await GiveBackAsync(released);
    }

    /// <summary>Ends a reservation by hand, whatever its plugin says. Answers what has come of it; null where there is none.</summary>
    public async Task<IReadOnlyList<string>?> ReleaseByHandAsync(string id)
    {
        if (store.Find(id) is not { } reservation)
            return null;
        using var held = await locks.TakeAsync(reservation.ListName, CancellationToken.None);
        return [await reservations.ReleaseAsync(reservation)];
    }

    /// <summary>What nobody will let go of any more: an engine or a cnid that was killed in between has forgotten it.</summary>
    /// <param name="engineHasStarted">No request is under way.</param>
    public async Task ReleaseForgottenAsync(bool engineHasStarted)
    {
        foreach (var list in store.All.Select(reservation => reservation.ListName).Distinct())
        {
            using (await locks.TakeAsync(list, CancellationToken.None))
            {
                var owned = OfEndpoints(list).Concat(networks.All.Where(network => network.ListName == list)
                    .SelectMany(network => network.AuxAddresses).Select(AddressOf)).ToHashSet();
                foreach (var reservation in Of(list, ReservationPhase.Reserved))
                {
                    var isYoung = !engineHasStarted && clock.Since(reservation.ChangedAt) < Grace;
                    if (isYoung || reservation.Claimed.All(one => owned.Contains(AddressOf(one))))
                        continue;
                    Forgotten(list, string.Join(", ", reservation.Claimed));
                    Release(reservation, one => !owned.Contains(AddressOf(one)));
                }
            }
        }
        var begun = Task.WhenAll(store.All.Where(one => engineHasStarted || !retries.IsResting(one)).Select(FinishAsync));
        if (engineHasStarted)
            await begun.WaitAsync(StartLimit, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the rest goes on
    }

    private Task FinishAsync(StoredReservation reservation) => retries.Start(reservation, reservation.ListName, async () =>
    {
        if (reservation.IsEnding)
            await GiveBackAsync(reservation);
        else if (reservation.Phase == ReservationPhase.Reserved && reservation.Boot != boot.Id)
            await RenewAsync(reservation);
    });

    // Of an earlier boot no endpoint has come; what --aux-address keeps free has no other to ask for it.
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

    private static AddressRequested Gateway(StoredPool pool, IPAddress? wish)
    {
        var gateway = CidrAddress.Parse(pool.Gateway);
        if (wish is null || wish.Equals(gateway.Address))
            return Answer(pool.Gateway);
        throw new RefusedException(gateway.PrefixLength == 0
            ? $"the IPAM of the list '{pool.ListName}' names no gateway: leave --gateway away"
            : $"the list '{pool.ListName}' has the gateway {gateway.Address}, not {wish}: use --gateway {gateway.Address}, or leave it "
                + "away");
    }

    private async Task<string> ReserveAsync(StoredPool pool, IPNetwork subnet, IPAddress? wish, string container, CancellationToken cancel)
    {
        var (reservation, result) = await reservations.AddAsync(pool.IpamList, Asked(wish, subnet), container, cancel);
        var given = result.Ips.Select(ip => ip.Address)
            .Where(address => wish is null ? subnet.Contains(address.Address) : address.Address.Equals(wish)).ToList();
        if (given.Count > 0 && !cancel.IsCancellationRequested)
        {
            reservations.Save(reservation with { Phase = ReservationPhase.Reserved, Claimed = [given[0].ToString()] });
            Reserved(pool.ListName, string.Join(", ", reservation.Addresses), reservation.Id, container.Length > 0
                ? $" for {container}"
                : "");
            return given[0].ToString();
        }
        var gave = $"the IPAM of the list '{pool.ListName}' gave {string.Join(", ", reservation.Addresses)}";
        var refusal = new RefusedException(wish is null
            ? $"{gave}, which is not in the network's subnet {subnet}: create the network with --ipam-driver null to let the list choose "
                + "freely"
            : $"{gave} where {wish} was asked for: it takes no wish; leave --ip away");
        Exception fault = cancel.IsCancellationRequested ? new OperationCanceledException(cancel) : refusal;
        await reservations.UndoAsync(reservation, fault);
        throw fault;
    }

    // A subnet of all addresses has no prefix length to give.
    private static CidrAddress? Asked(IPAddress? wish, IPNetwork subnet)
    {
        if (wish is null)
            return null;
        return new(wish, subnet.PrefixLength > 0 ? subnet.PrefixLength : wish.GetAddressBytes().Length * 8);
    }

    // Of what is left over, first what was reserved for the same container.
    private string? Claim(StoredPool pool, IPNetwork subnet, IPAddress? wish, string container)
    {
        var ofEndpoints = OfEndpoints(pool.ListName).ToHashSet();
        foreach (var reservation in Of(pool.ListName, ReservationPhase.Reserved).OrderByDescending(one => one.ContainerName == container))
        {
            var spare = reservation.Addresses.Except(reservation.Claimed)
                .FirstOrDefault(one => subnet.Contains(AddressOf(one)) && !ofEndpoints.Contains(AddressOf(one))
                    && (wish is null || wish.Equals(AddressOf(one))));
            if (spare is null)
                continue;
            reservations.Save(reservation with { Claimed = [.. reservation.Claimed, spare] });
            return spare;
        }
        if (wish is null || Holder(pool, wish) is not { } holder)
            return null;
        throw new RefusedException(holder.Phase == ReservationPhase.Releasing
            ? $"{wish} of the list '{pool.ListName}' is being given back: {holder.Fault ?? "its endpoint is being unmade"}"
            : $"{wish} of the list '{pool.ListName}' is in use already");
    }

    private StoredReservation? Release(StoredReservation reservation, Func<string, bool> isReleased)
    {
        IReadOnlyList<string> left = [.. reservation.Claimed.Where(one => !isReleased(one))];
        if (left.Count == reservation.Claimed.Count)
            return null;
        var phase = left.Count == 0 ? ReservationPhase.Releasing : reservation.Phase;
        return reservations.Save(reservation with { Claimed = left, Phase = phase });
    }

    private async Task GiveBackAsync(StoredReservation reservation)
    {
        var ofEndpoints = OfEndpoints(reservation.ListName).ToHashSet();
        if (reservation.Phase != ReservationPhase.Releasing || reservation.Addresses.Any(one => ofEndpoints.Contains(AddressOf(one))))
            return;
        await reservations.DeleteAsync(reservation);
        GivenBack(reservation.ListName, string.Join(", ", reservation.Addresses), reservation.Id);
    }

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
            endpoint.IsEnding && endpoint.ListName == holder.ListName
                && endpoint.Addresses.Any(address => addresses.Contains(AddressOf(address))));
        await Task.WhenAll(former.Select(endpoint =>
            retries.Start(endpoint, endpoint.ListName, () => endpointLifecycle.ForgetAsync(endpoint))));
        if (store.Find(holder.Id) is { } still)
            await FinishAsync(still);
    }

    private IEnumerable<StoredReservation> Of(string list, ReservationPhase phase) =>
        store.All.Where(reservation => reservation.ListName == list && reservation.Phase == phase);

    private StoredReservation? Holder(StoredPool pool, IPAddress address) =>
        store.All.FirstOrDefault(reservation =>
            reservation.ListName == pool.ListName && reservation.Addresses.Any(one => AddressOf(one).Equals(address)));

    private IEnumerable<IPAddress> OfEndpoints(string list) =>
        endpoints.All.Where(endpoint => endpoint.ListName == list && endpoint.Ipam is not null && endpoint.Boot == boot.Id)
            .SelectMany(endpoint => endpoint.Addresses).Select(AddressOf);

    private static IPAddress AddressOf(string cidr) => CidrAddress.Parse(cidr).Address;

    private static AddressRequested Answer(string address) => new(address, new Dictionary<string, string>());

    [LoggerMessage(LogLevel.Information, "list {List}: reserved {Addresses} as {Id}{For}")]
    private partial void Reserved(string list, string addresses, string id, string @for);

    [LoggerMessage(LogLevel.Information, "list {List}: gave back {Addresses} of {Id}")]
    private partial void GivenBack(string list, string addresses, string id);

    [LoggerMessage(LogLevel.Information, "list {List}: nobody has {Addresses} any more; giving back what is over")]
    private partial void Forgotten(string list, string addresses);

    [LoggerMessage(LogLevel.Error, "list {List}: {Addresses} are not reserved again after the reboot: {Reason}; it is tried again until it "
        + "succeeds")]
    private partial void NotRenewed(string list, string addresses, string reason);
}
