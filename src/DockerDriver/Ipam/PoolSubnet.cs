using System.Net;
using System.Net.Sockets;
using CniCore.Spec;

namespace DockerDriver.Ipam;

/// <summary>A subnet as Docker gets it, and its gateway if the IPAM names one.</summary>
internal sealed record PoolSubnet(IPNetwork Network, CidrAddress? Gateway)
{
    private static readonly PoolSubnet AnyIPv4 = new(new(IPAddress.Any, 0), null);
    private static readonly PoolSubnet AnyIPv6 = new(new(IPAddress.IPv6Any, 0), null);

    public bool IsIPv6 => Network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>The subnet of an assigned address; an address with a full prefix length has none.</summary>
    public static PoolSubnet FromAddress(CniAddress ip)
    {
        if (ip.Address.PrefixLength == ip.Address.Address.GetAddressBytes().Length * 8)
            return ip.Address.Address.AddressFamily == AddressFamily.InterNetworkV6 ? AnyIPv6 : AnyIPv4;
        return new(ip.Address.Network, ip.Gateway is null ? null : new(ip.Gateway, ip.Address.PrefixLength));
    }
}
