using CniCore.Spec;

namespace CniCore.Plugins.HostLocal;

/// <summary>
/// Gives addresses of ranges, and records their owners in files (reference: plugins/ipam/host-local). Files and lock are those of the
/// reference, so that both can serve one network.
/// </summary>
internal sealed class HostLocalPlugin : BuiltinPlugin
{
    public override async Task<CniResult> AddAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = HostLocalConfig.Of(call);
        var dns = config.Ipam.ResolvConf is { Length: > 0 } path ? ResolvConf.Read(path) : new();
        using var reservations = await Reservations.OpenAsync(config.Ipam.DataDir, call.Network, cancel);
        var current = reservations.Current(OwnerOf(call));
        var chosen = Choose(call, config, reservations, current);
        reservations.Take(OwnerOf(call), current, chosen);
        return new()
        {
            Ips = [.. chosen.Zip(config.Sets, (address, set) => AddressOf(address, set.RangeOf(address)))],
            Routes = config.Ipam.Routes ?? [],
            Dns = dns,
        };
    }

    public override async Task DeleteAsync(BuiltinCall call, CancellationToken cancel)
    {
        using var reservations = await Reservations.OpenAsync(HostLocalConfig.DataDirOf(call), call.Network, cancel);
        reservations.Release(OwnerOf(call));
    }

    public override async Task CheckAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = HostLocalConfig.Of(call);
        using var reservations = await Reservations.OpenAsync(config.Ipam.DataDir, call.Network, cancel);
        var reserved = reservations.Of(OwnerOf(call));
        if (reserved.Count == 0)
            throw Refused($"host-local: Failed to find address added by container {call.ContainerId}");

        // Addresses outside the ranges belong to another plugin.
        var ours = (call.PrevResult?.Ips ?? []).Select(ip => AddressNumber.Of(ip.Address.Address))
            .Where(address => config.Sets.Any(set => set.Contains(address)));
        foreach (var address in ours.Where(address => !reserved.Contains(address)))
            throw Refused($"host-local: address {address} is not reserved for container {call.ContainerId}");
    }

    public override async Task CollectGarbageAsync(BuiltinCall call, CancellationToken cancel)
    {
        using var reservations = await Reservations.OpenAsync(HostLocalConfig.DataDirOf(call), call.Network, cancel);
        reservations.Keep([.. call.Valid.Select(valid => new ReservationOwner(valid.ContainerId, valid.IfName))]);
    }

    public override async Task StatusAsync(BuiltinCall call, CancellationToken cancel)
    {
        if (HostLocalConfig.HasNoRanges(call))
            return;
        var config = HostLocalConfig.Of(call);
        using var reservations = await Reservations.OpenAsync(config.Ipam.DataDir, call.Network, cancel);
        for (var number = 0; number < config.Sets.Count; number++)
        {
            if (reservations.NextFree(config.Sets[number], number) is null)
                throw new CniPluginException(CniErrorCode.NotAvailable, $"no IP addresses available in range set: {config.Sets[number]}");
        }
    }

    // Everything is chosen before anything is reserved. Sets do not overlap, so no address is chosen twice.
    private static List<AddressNumber> Choose(
        BuiltinCall call, HostLocalConfig config, Reservations reservations, IReadOnlyList<AddressNumber> current)
    {
        var left = config.Requested.ToList();
        var chosen = new List<AddressNumber>();
        for (var number = 0; number < config.Sets.Count; number++)
        {
            var set = config.Sets[number];
            var at = left.FindIndex(set.Contains);
            try
            {
                chosen.Add(at >= 0 ? Requested(set, left[at], reservations) : Any(call, set, number, reservations, current));
            }
            catch (CniPluginException fault)
            {
                throw new CniPluginException(fault.Code, $"failed to allocate for range {number}: {fault.Reason}", inner: fault);
            }
            if (at >= 0)
                left.RemoveAt(at);
        }
        return left.Count == 0 ? chosen : throw Refused($"failed to allocate all requested IPs: {string.Join(' ', left)}");
    }

    private static AddressNumber Requested(RangeSet set, AddressNumber address, Reservations reservations)
    {
        if (AddressNumber.Of(set.RangeOf(address).Gateway) == address)
            throw Refused($"requested ip {address} is subnet's gateway");
        return reservations.IsFree(address)
            ? address
            : throw Refused($"requested IP address {address} is not available in range set {set}");
    }

    private static AddressNumber Any(BuiltinCall call, RangeSet set, int number, Reservations reservations,
        IReadOnlyList<AddressNumber> current)
    {
        foreach (var address in current.Where(set.Contains))
            throw Refused($"{address} has been allocated to {call.ContainerId}, duplicate allocation is not allowed");
        return reservations.NextFree(set, number) ?? throw Refused($"no IP addresses available in range set: {set}");
    }

    private static ReservationOwner OwnerOf(BuiltinCall call) => new(call.ContainerId, call.IfName);

    private static CniAddress AddressOf(AddressNumber address, AddressRange range) =>
        new() { Address = new(address.ToAddress(), range.Subnet.PrefixLength), Gateway = range.Gateway };

    private static CniPluginException Refused(string message) => new(CniErrorCode.Internal, message);
}
