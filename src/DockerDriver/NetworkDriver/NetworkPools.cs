using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// The pools of cnid's IPAM driver that a new network has. Docker tells its network driver no PoolID: the address space says that they are
/// ours, the subnet which of them, and both together the list.
/// </summary>
internal static class NetworkPools
{
    /// <summary>Those of one list; none where another IPAM driver serves the network.</summary>
    /// <exception cref="RefusedException">It cannot be told which, or one of the list's families is missing.</exception>
    public static IReadOnlyList<StoredPool> Of(CreateNetwork call, IReadOnlyCollection<StoredPool> known)
    {
        List<AddressPool> ours = [.. All(call).Where(pool => pool.AddressSpace == AddressSpaces.Cni)];
        if (ours.Count == 0)
            return [];
        var named = NetworkOptions.NamedList(call);
        var candidates = known.Where(pool => named is null || pool.ListName == named).GroupBy(pool => pool.ListName)
            .Select(list => ours.Select(one => list.FirstOrDefault(pool => IsSubnet(pool, one))).OfType<StoredPool>().ToList())
            .Where(pools => pools.Count == ours.Count)
            .ToList();
        var found = candidates switch
        {
            [] => throw new RefusedException($"-o {NetworkOptions.ListKey}={named}: the addresses come from another list, that of "
                + $"--ipam-opt {NetworkOptions.ListKey}; leave the -o option away"),
            [var one] => one,
            _ => throw new RefusedException($"the lists {string.Join(", ", candidates.Select(pools => pools[0].ListName))} have the same "
                + $"subnet: say which is meant, -o {NetworkOptions.ListKey}=NAME as well"),
        };
        if (found is [{ OtherSubnet: { } missing }])
            throw OneFamily(found[0], missing);
        return found;
    }

    /// <summary>What <c>--aux-address</c> keeps free of them.</summary>
    public static IReadOnlyList<string> Auxiliary(CreateNetwork call) =>
        [.. All(call).SelectMany(pool => pool.AuxAddresses?.Values.Select(address => address.GetString()).OfType<string>() ?? [])];

    private static IEnumerable<AddressPool> All(CreateNetwork call) => [.. call.IPv4Data ?? [], .. call.IPv6Data ?? []];

    private static bool IsSubnet(StoredPool pool, AddressPool asked) =>
        AddressText.TryParseNetwork(asked.Pool, out var subnet) && subnet == AddressText.ParseNetwork(pool.Subnet);

    // Up to Docker 24 an engine asks for no IPv6 pool unless it is given a subnet.
    private static RefusedException OneFamily(StoredPool pool, string missing) => new(
        $"the list '{pool.ListName}' gives each container an address of {pool.Subnet} and one of {missing}: "
        + $"{(missing.Contains(':', StringComparison.Ordinal) ? $"use --ipv6 --subnet {missing}" : "leave --ipv4=false away")}, or "
            + "--ipam-driver null");
}
