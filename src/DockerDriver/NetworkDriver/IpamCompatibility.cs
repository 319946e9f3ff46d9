using System.Net;
using System.Net.Sockets;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Lists;
using DockerDriver.Protocol;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// Docker's IPAM and a list's must not both hand out addresses: either Docker's pool is the list's subnet and the list is asked
/// for the address Docker chose, or Docker's IPAM stands aside (<c>--ipam-driver null</c>).
/// </summary>
internal static class IpamCompatibility
{
    /// <summary>Whether Docker's IPAM stands aside.</summary>
    public static bool UsesListIpam(CreateNetwork call) =>
        call.IPv4Data is not { Count: > 0 } pools ? StandsAside(call.IPv6Data, "::/0") : StandsAside(pools, "0.0.0.0/0");

    /// <exception cref="RefusedException">They disagree; says the command that works.</exception>
    public static void Check(NetworkList list, CreateNetwork call)
    {
        var ipam = ListIpam.Of(list);
        if (ipam.Chooser is not null || ipam.Type is null || (ipam.Type == "static" && !ipam.HasFixedAddresses))
            return;
        if (ipam.Type == "dhcp" || ipam.HasFixedAddresses)
            throw Disagree(list, ipam, $"its {ipam.Type} IPAM takes no address from Docker's");

        List<AddressPool> pools = [.. call.IPv4Data ?? [], .. call.IPv6Data ?? []];
        if (ipam.Subnets.Count == 0)
            return; // nothing is known of it: it is asked at ADD, and its answer compared

        foreach (var pool in pools)
        {
            var subnet = ipam.Subnets.FirstOrDefault(subnet => subnet.Network.ToString() == pool.Pool)
                ?? throw Disagree(list, ipam, $"Docker's pool {pool.Pool} is none of its subnets");
            if (pool.Gateway is { Length: > 0 } gateway && !subnet.Gateway.Equals(CidrAddress.Parse(gateway).Address))
                throw Disagree(list, ipam, $"Docker's gateway {gateway.Split('/')[0]} is not its {subnet.Gateway}");
        }
        if (ipam.Subnets.FirstOrDefault(subnet => pools.All(pool => pool.Pool != subnet.Network.ToString())) is { } missing)
            throw Disagree(list, ipam, $"it also gives addresses from {missing.Network}, of which Docker knows nothing");
    }

    private static bool StandsAside(IReadOnlyList<AddressPool>? pools, string all) =>
        pools is not { Count: > 0 } || pools[0].AddressSpace == "null" || pools[0].Pool is null || pools[0].Pool == all;

    private static RefusedException Disagree(NetworkList list, ListIpam ipam, string why)
    {
        var options = list.Source is null ? "and the same -o options" : $"-o {NetworkOptions.ListKey}={list.Name}";
        var create = $"docker network create -d cni {options}";
        var standAside = $"{create} --ipam-driver null NAME";
        if (ipam.Subnets.Count == 0)
            return new($"the list '{list.Name}' manages addresses itself: {why}; use: {standAside}");
        var v6 = ipam.Subnets.Any(subnet => subnet.Network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6) ? " --ipv6" : "";
        var same = string.Concat(ipam.Subnets.Select(subnet => $" --subnet {subnet.Network} --gateway {subnet.Gateway}"));
        return new($"the list '{list.Name}' gives addresses from {string.Join(", ", ipam.Subnets.Select(subnet => subnet.Network))} "
            + $"({ipam.Type}): {why}; use: {create}{v6}{same} NAME, or let the list choose: {standAside}");
    }
}
