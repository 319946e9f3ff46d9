using System.Net;
using System.Net.Sockets;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Lists;
using DockerDriver.Protocol;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// Ensures that Docker's IPAM and a list's do not both assign addresses: either Docker's pool is the list's subnet and ADD requests the
/// address that Docker chose, or the network has <c>--ipam-driver null</c>.
/// </summary>
internal static class IpamCompatibility
{
    /// <summary>Whether the network has <c>--ipam-driver null</c>.</summary>
    public static bool UsesListIpam(CreateNetworkRequest call) =>
        call.IPv4Data is not { Count: > 0 } pools ? IsNullPool(call.IPv6Data, "::/0") : IsNullPool(pools, "0.0.0.0/0");

    /// <exception cref="RefusedException">They conflict; has the command that works.</exception>
    public static void Check(NetworkList list, CreateNetworkRequest call)
    {
        var ipam = ListIpam.Of(list);
        if (ipam.AddressingPlugin is not null || ipam.Type is null || (ipam.Type == "static" && !ipam.HasFixedAddresses))
            return;
        if (ipam.Type == "dhcp" || ipam.HasFixedAddresses)
            throw Incompatible(list, ipam, $"its {ipam.Type} IPAM supports no address requests");

        List<AddressPool> pools = [.. call.IPv4Data ?? [], .. call.IPv6Data ?? []];
        if (ipam.Subnets.Count == 0)
            return; // unknown subnets: ADD requests the address, and its result is compared

        foreach (var pool in pools)
        {
            var subnet = ipam.Subnets.FirstOrDefault(subnet => subnet.Network.ToString() == pool.Pool)
                ?? throw Incompatible(list, ipam, $"Docker's pool {pool.Pool} is not one of its subnets");
            if (pool.Gateway is { Length: > 0 } gateway && !subnet.Gateway.Equals(CidrAddress.Parse(gateway).Address))
                throw Incompatible(list, ipam, $"Docker's gateway {gateway.Split('/')[0]} is not its {subnet.Gateway}");
        }
        if (ipam.Subnets.FirstOrDefault(subnet => pools.All(pool => pool.Pool != subnet.Network.ToString())) is { } missing)
            throw Incompatible(list, ipam, $"it also assigns addresses from {missing.Network}, which is not a pool of Docker's");
    }

    private static bool IsNullPool(IReadOnlyList<AddressPool>? pools, string all) =>
        pools is not { Count: > 0 } || pools[0].AddressSpace == "null" || pools[0].Pool is null || pools[0].Pool == all;

    private static RefusedException Incompatible(NetworkList list, ListIpam ipam, string why)
    {
        var options = list.Source is null ? "and the same -o options" : $"-o {NetworkOptions.ListKey}={list.Name}";
        var create = $"docker network create -d cni {options}";
        var nullIpam = $"{create} --ipam-driver null NAME";
        if (ipam.Subnets.Count == 0)
            return new($"the list '{list.Name}' manages addresses itself: {why}; use: {nullIpam}");
        var v6 = ipam.Subnets.Any(subnet => subnet.Network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6) ? " --ipv6" : "";
        var same = string.Concat(ipam.Subnets.Select(subnet => $" --subnet {subnet.Network} --gateway {subnet.Gateway}"));
        return new($"the list '{list.Name}' assigns addresses from {string.Join(", ", ipam.Subnets.Select(subnet => subnet.Network))} "
            + $"({ipam.Type}): {why}; use: {create}{v6}{same} NAME, or: {nullIpam}");
    }
}
