using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// Finds the pools of cnid's IPAM driver for a new network. CreateNetwork has no PoolID: the address space tells that the pools are cnid's,
/// the subnet which, and all of them the list.
/// </summary>
internal static class NetworkPools
{
    /// <summary>The pools, all of one list; empty where another IPAM driver serves the network.</summary>
    /// <exception cref="RefusedException">They are ambiguous, or one of the list's families is missing.</exception>
    public static IReadOnlyList<StoredPool> Of(CreateNetworkRequest call, IReadOnlyCollection<StoredPool> known)
    {
        List<AddressPool> cniPools = [.. All(call).Where(pool => pool.AddressSpace == AddressSpaces.Cni)];
        if (cniPools.Count == 0)
            return [];
        var named = NetworkOptions.NamedList(call);
        var candidates = known.Where(pool => named is null || pool.ListName == named).GroupBy(pool => pool.ListName)
            .Select(list => cniPools.Select(requested => list.FirstOrDefault(pool => IsSubnet(pool, requested))).OfType<StoredPool>()
                .ToList())
            .Where(pools => pools.Count == cniPools.Count)
            .ToList();
        var found = candidates switch
        {
            [] => throw new RefusedException($"-o {NetworkOptions.ListKey}={named}: the addresses come from another list, that of "
                + $"--ipam-opt {NetworkOptions.ListKey}; remove the -o option"),
            [var only] => only,
            _ => throw new RefusedException($"the lists {string.Join(", ", candidates.Select(pools => pools[0].ListName))} have the same "
                + $"subnet: add -o {NetworkOptions.ListKey}=NAME"),
        };
        if (found is [{ OtherSubnet: { } missing }])
            throw OneFamily(found[0], missing);
        return found;
    }

    /// <summary>The <c>--aux-address</c> addresses of the pools.</summary>
    public static IReadOnlyList<string> Auxiliary(CreateNetworkRequest call) =>
        [.. All(call).SelectMany(pool => pool.AuxAddresses?.Values.Select(address => address.GetString()).OfType<string>() ?? [])];

    private static IEnumerable<AddressPool> All(CreateNetworkRequest call) => [.. call.IPv4Data ?? [], .. call.IPv6Data ?? []];

    private static bool IsSubnet(StoredPool pool, AddressPool asked) =>
        AddressText.TryParseNetwork(asked.Pool, out var subnet) && subnet == AddressText.ParseNetwork(pool.Subnet);

    // Up to Docker 24 an engine requests an IPv6 pool only for a given subnet.
    private static RefusedException OneFamily(StoredPool pool, string missing) => new(
        $"the list '{pool.ListName}' assigns each container an address of {pool.Subnet} and one of {missing}: "
        + $"{(missing.Contains(':', StringComparison.Ordinal) ? $"use --ipv6 --subnet {missing}" : "remove --ipv4=false")}, or "
            + "--ipam-driver null");
}
