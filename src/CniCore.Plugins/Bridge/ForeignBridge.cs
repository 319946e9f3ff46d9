using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace CniCore.Plugins.Bridge;

/// <summary>A bridge that cnid did not create: changes are recorded first, and undone when the network is removed.</summary>
internal static class ForeignBridge
{
    /// <summary>Records that the network's gateway is about to be added, or that another network has added it.</summary>
    public static BridgeRecord WithAddress(BridgeRecord record, string address, string network, bool isThere)
    {
        var users = record.Addresses.GetValueOrDefault(address);
        if (users is null ? isThere : users.Contains(network))
            return record;
        return record with
        {
            Addresses = new Dictionary<string, IReadOnlyList<string>>(
            record.Addresses)
            { [address] = [.. users ?? [], network] }
        };
    }

    /// <summary>Records that an address is about to be removed.</summary>
    public static BridgeRecord WithoutAddress(BridgeRecord record, string address)
    {
        var others = new Dictionary<string, IReadOnlyList<string>>(record.Addresses);
        return others.Remove(address) ? record with { Addresses = others } : record with { Taken = [.. record.Taken, address] };
    }

    /// <summary>Undoes the changes of a network.</summary>
    /// <returns>The changes of other networks; null for none.</returns>
    public static BridgeRecord? Release(RouteSocket host, Link bridge, BridgeRecord record, string network)
    {
        var kept = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var (address, users) in record.Addresses)
        {
            IReadOnlyList<string> others = [.. users.Where(user => user != network)];
            if (others.Count > 0)
                kept[address] = others;
            else
                Remove(host, bridge, CidrAddress.Parse(address));
        }
        if (kept.Count > 0)
            return record with { Addresses = kept };
        foreach (var address in record.Taken.Select(CidrAddress.Parse).Where(address => !Has(host, bridge, address)))
            host.AddAddress(bridge.Index, address.Address, address.PrefixLength);
        if (record.WasNotPromiscuous)
            host.SetPromiscuous(bridge.Index, false);
        if (record.WasDown && host.Links().All(link => link.MasterIndex != bridge.Index))
            host.SetDown(bridge.Index);
        return null;
    }

    private static void Remove(RouteSocket host, Link bridge, CidrAddress address)
    {
        if (Has(host, bridge, address))
            host.DeleteAddress(bridge.Index, address.Address, address.PrefixLength);
    }

    private static bool Has(RouteSocket host, Link bridge, CidrAddress address) =>
        host.Addresses(bridge.Index).Any(present =>
            present.Address.Equals(address.Address) && present.PrefixLength == address.PrefixLength);
}
