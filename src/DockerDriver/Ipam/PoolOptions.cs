using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Lists;
using DockerDriver.NetworkDriver;
using DockerDriver.Protocol;

namespace DockerDriver.Ipam;

/// <summary>Checks the options of <c>docker network create --ipam-driver cni</c> against the list.</summary>
internal static class PoolOptions
{
    /// <exception cref="RefusedException">No list is named, or an option is unknown.</exception>
    public static string ListName(RequestPoolRequest call)
    {
        var options = call.Options ?? new Dictionary<string, string>();
        if (options.Keys.FirstOrDefault(key => key != NetworkOptions.ListKey) is { } unknown)
            throw new RefusedException($"IPAM option '{unknown}' is unknown to the IPAM driver cni; it takes {NetworkOptions.ListKey}");
        return options.GetValueOrDefault(NetworkOptions.ListKey) is { Length: > 0 } name
            ? name
            : throw new RefusedException(
                $"the IPAM driver cni needs a list: --ipam-opt {NetworkOptions.ListKey}=NAME, a list with an IPAM");
    }

    /// <exception cref="RefusedException">The IPAM driver does not support the list's IPAM; has an alternative.</exception>
    public static void RefuseUnfit(NetworkList list, ListIpam ipam)
    {
        InterfacelessList.Refuse(list);
        if (ipam.AddressingPlugin is { } plugin)
            throw Unfit(list, $"gets its addresses from its plugin {plugin}");
        if (ipam.Type is null || (ipam.Type == "static" && !ipam.HasFixedAddresses))
            throw new RefusedException($"the list '{list.Name}' assigns no addresses: remove --ipam-driver "
                + $"and use: docker network create -d cni -o {NetworkOptions.ListKey}={list.Name} NAME");
        if (ipam.HasFixedAddresses)
            throw Unfit(list, $"has fixed addresses ({ipam.Type})");
        if (ipam.Type == "dhcp")
            throw Unfit(list, "gets its addresses by DHCP, and a lease belongs to the container's interface");
    }

    /// <summary>The requested subnet, by family or by its value.</summary>
    /// <exception cref="RefusedException">The list has no such subnet, or several.</exception>
    public static PoolSubnet Choose(NetworkList list, IReadOnlyList<PoolSubnet> subnets, RequestPoolRequest call)
    {
        var family = call.V6 ? "IPv6" : "IPv4";
        if (subnets.GroupBy(subnet => subnet.IsIPv6).Any(ofFamily => ofFamily.Count() > 1))
            throw Unfit(list, $"has several subnets of one family ({string.Join(", ", subnets.Select(subnet => subnet.Network))}), and a "
                + "Docker pool has one");
        if (!string.IsNullOrEmpty(call.SubPool))
            throw new RefusedException(
                $"--ip-range {call.SubPool}: the list '{list.Name}' determines the range; remove --ip-range");
        if (subnets.FirstOrDefault(subnet => subnet.IsIPv6 == call.V6) is not { } found)
            throw new RefusedException($"the list '{list.Name}' assigns no {family} addresses, but "
                + $"{string.Join(", ", subnets.Select(subnet => subnet.Network))}: "
                    + $"{(call.V6 ? "remove --ipv6" : "add --ipv6 --ipv4=false (Docker 28 and later)")}, or use: "
                        + $"{NullIpamCommand(list)}");
        if (string.IsNullOrEmpty(call.Pool) || !AddressText.TryParseNetwork(call.Pool, out var wanted) || wanted == found.Network)
            return found;
        if (found.Network.PrefixLength == 0)
            return found with { Network = wanted }; // the IPAM names no subnet; the user does
        throw new RefusedException(
            $"--subnet {call.Pool} is not the subnet of the list '{list.Name}': use --subnet {found.Network}, or remove it");
    }

    private static RefusedException Unfit(NetworkList list, string why) =>
        new($"the list '{list.Name}' {why}: use: {NullIpamCommand(list)}");

    private static string NullIpamCommand(NetworkList list) =>
        $"docker network create -d cni -o {NetworkOptions.ListKey}={list.Name} --ipam-driver null NAME";
}
