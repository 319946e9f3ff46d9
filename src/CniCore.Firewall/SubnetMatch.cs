using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Nftables;
using static CniCore.Linux.Nftables.Nft;

namespace CniCore.Firewall;

/// <summary>
/// Matches packets that stay within the subnet of an attachment's address. A set of subnets would need intervals, of which the kernel makes
/// a copy in each transaction (nft_set_pipapo.c, pipapo_clone), so that an attachment would cost more with each existing one. Instead, a
/// chain for each prefix length masks the address, and looks up address and subnet.
/// </summary>
internal static class SubnetMatch
{
    /// <summary>The maps of the pairs. Each attachment has one of them.</summary>
    public static readonly string[] Maps = ["near4", "near6"];

    /// <summary>The sets and chains of the table for this match.</summary>
    public static readonly NftSet[] Sets =
        [new("near4", "ipv4_addr . ipv4_addr : verdict"), new("near6", "ipv6_addr . ipv6_addr : verdict")];

    /// <summary><c>4</c> or <c>6</c>, the suffix of the names of sets and chains.</summary>
    public static string Family(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? "4" : "6";

    /// <summary>The element for an address and its subnet.</summary>
    public static RuleElement Pair(AttachmentTag tag, IPAddress address, IPNetwork subnet, string verdict) =>
        new("near" + Family(address), $"{address} . {subnet.BaseAddress}", tag.ToString(), verdict);

    /// <summary>The name of the chain for subnets of that prefix length.</summary>
    public static string ChainName(string prefix, IPNetwork subnet) => $"{prefix}{Family(subnet.BaseAddress)}_{subnet.PrefixLength}";

    /// <summary>The rule of that chain for packets from an attachment's address.</summary>
    public static NftStatement FromOurs(IPNetwork subnet) => Family(subnet.BaseAddress) == "4"
        ? IpSaddr.Dot(IpDaddr.And(Mask(subnet))).VMap("near4")
        : Ip6Saddr.Dot(Ip6Daddr.And(Mask(subnet))).VMap("near6");

    /// <summary>The rule of that chain for packets to an attachment's address.</summary>
    public static NftStatement ToOurs(IPNetwork subnet) => Family(subnet.BaseAddress) == "4"
        ? IpDaddr.Dot(IpSaddr.And(Mask(subnet))).VMap("near4")
        : Ip6Daddr.Dot(Ip6Saddr.And(Mask(subnet))).VMap("near6");

    private static string Mask(IPNetwork subnet)
    {
        var mask = new byte[subnet.BaseAddress.GetAddressBytes().Length];
        for (var bit = 0; bit < subnet.PrefixLength; bit++)
            mask[bit / 8] |= (byte)(0x80 >> (bit % 8));
        return new IPAddress(mask).ToString();
    }
}
