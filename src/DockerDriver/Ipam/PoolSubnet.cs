using System.Net;
using System.Net.Sockets;
using CniCore.Spec;

namespace DockerDriver.Ipam;

/// <summary>A subnet as Docker is told of it, and the gateway its IPAM names, if any.</summary>
internal sealed record PoolSubnet(IPNetwork Network, CidrAddress? Gateway)
{
    private static readonly PoolSubnet AnyIPv4 = new(new(IPAddress.Any, 0), null);
    private static readonly PoolSubnet AnyIPv6 = new(new(IPAddress.IPv6Any, 0), null);

    public bool IsIPv6 => Network.BaseAddress.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>The subnet of an address that was given; an address of a prefix of its own says nothing of any.</summary>
    public static PoolSubnet Around(CniAddress ip)
    {
        if (ip.Address.PrefixLength == ip.Address.Address.GetAddressBytes().Length * 8)
            return ip.Address.Address.AddressFamily == AddressFamily.InterNetworkV6 ? AnyIPv6 : AnyIPv4;
        return new(ip.Address.Network, ip.Gateway is null ? null : new(ip.Gateway, ip.Address.PrefixLength));
    }
}
