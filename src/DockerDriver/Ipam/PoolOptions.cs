using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Lists;
using DockerDriver.NetworkDriver;
using DockerDriver.Protocol;

namespace DockerDriver.Ipam;

/// <summary>What <c>docker network create --ipam-driver cni</c> was given, held against the list.</summary>
internal static class PoolOptions
{
    /// <exception cref="RefusedException">No list is named, or an option is unknown.</exception>
    public static string ListName(RequestPool call)
    {
        var options = call.Options ?? new Dictionary<string, string>();
        if (options.Keys.FirstOrDefault(key => key != NetworkOptions.ListKey) is { } unknown)
            throw new RefusedException($"IPAM option '{unknown}' is not one the IPAM driver cni knows; it takes {NetworkOptions.ListKey}");
        return options.TryGetValue(NetworkOptions.ListKey, out var name) && name.Length > 0
            ? name
            : throw new RefusedException(
                $"the IPAM driver cni needs a list: --ipam-opt {NetworkOptions.ListKey}=NAME, the name of one with an IPAM of its own");
    }

    /// <exception cref="RefusedException">No IPAM driver can be made of the list's IPAM; says what works.</exception>
    public static void RefuseUnfit(NetworkList list, ListIpam ipam)
    {
        InterfacelessList.Refuse(list);
        if (ipam.Chooser is { } plugin)
            throw Unfit(list, $"has the addresses that its plugin {plugin} chooses");
        if (ipam.Type is null || (ipam.Type == "static" && !ipam.HasFixedAddresses))
            throw new RefusedException($"the list '{list.Name}' manages no addresses: let Docker's IPAM do it, leave --ipam-driver away "
                + $"and use: docker network create -d cni -o {NetworkOptions.ListKey}={list.Name} NAME");
        if (ipam.HasFixedAddresses)
            throw Unfit(list, $"has fixed addresses ({ipam.Type}), which are not to be had one by one");
        if (ipam.Type == "dhcp")
            throw Unfit(list, "gets its addresses by DHCP, whose lease belongs to the container's own interface");
    }

    /// <summary>The subnet that is asked for, by family or by name.</summary>
    /// <exception cref="RefusedException">The list has no such one, or several.</exception>
    public static PoolSubnet Choose(NetworkList list, IReadOnlyList<PoolSubnet> subnets, RequestPool call)
    {
        var family = call.V6 ? "IPv6" : "IPv4";
        if (subnets.GroupBy(subnet => subnet.IsIPv6).Any(ofFamily => ofFamily.Count() > 1))
            throw Unfit(list, $"has several subnets of one family ({string.Join(", ", subnets.Select(subnet => subnet.Network))}), and a "
                + "Docker pool is one");
        if (!string.IsNullOrEmpty(call.SubPool))
            throw new RefusedException(
                $"--ip-range {call.SubPool}: which addresses are given is the matter of the list '{list.Name}'; leave --ip-range away");
        if (subnets.FirstOrDefault(subnet => subnet.IsIPv6 == call.V6) is not { } found)
            throw new RefusedException($"the list '{list.Name}' gives no {family} addresses, but "
                + $"{string.Join(", ", subnets.Select(subnet => subnet.Network))}: "
                    + $"{(call.V6 ? "leave --ipv6 away" : "add --ipv6 --ipv4=false (Docker 28 and later)")}, or let the list choose: "
                        + $"{StandAside(list)}");
        if (string.IsNullOrEmpty(call.Pool) || !AddressText.TryParseNetwork(call.Pool, out var wanted) || wanted == found.Network)
            return found;
        if (found.Network.PrefixLength == 0)
            return found with { Network = wanted }; // its IPAM names no subnet; the user does
        throw new RefusedException(
            $"--subnet {call.Pool} is not that of the list '{list.Name}': use --subnet {found.Network}, or leave it away");
    }

    private static RefusedException Unfit(NetworkList list, string why) =>
        new($"the list '{list.Name}' {why}: let the list choose: {StandAside(list)}");

    private static string StandAside(NetworkList list) =>
        $"docker network create -d cni -o {NetworkOptions.ListKey}={list.Name} --ipam-driver null NAME";
}
