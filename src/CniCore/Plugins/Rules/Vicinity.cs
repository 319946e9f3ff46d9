using System.Net;
using System.Net.Sockets;
using CniCore.Spec;

namespace CniCore.Plugins.Rules;

/// <summary>
/// Whether a packet stays in the subnet of one of our addresses. A set of subnets would be one of intervals, of which the kernel makes a copy
/// for each transaction (nft_set_pipapo.c, pipapo_clone): an attachment would cost more with each that is there. So the subnet is cut out of
/// the packet instead, in a chain for each length of prefix, and looked up whole.
/// </summary>
internal static class Vicinity
{
    /// <summary>The maps of a table that the pairs are in; each attachment has one.</summary>
    public static readonly string[] Maps = ["near4", "near6"];

    /// <summary>What a table has for it.</summary>
    public const string Sets =
        """
        map near4 { type ipv4_addr . ipv4_addr : verdict; }
        map near6 { type ipv6_addr . ipv6_addr : verdict; }
        """;

    /// <summary><c>4</c> or <c>6</c>, what the names of sets and chains end with.</summary>
    public static string Family(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? "4" : "6";

    /// <summary>The pair of an address and its subnet.</summary>
    public static RuleElement Pair(AttachmentTag tag, CidrAddress address, string verdict) =>
        new("near" + Family(address.Address), $"{address.Address} . {address.Network.BaseAddress}", tag.ToString(), verdict);

    /// <summary>The name of the chain for addresses with that length of prefix.</summary>
    public static string ChainName(string prefix, CidrAddress address) => $"{prefix}{Family(address.Address)}_{address.PrefixLength}";

    /// <summary>The rule of that chain that looks the pair up.</summary>
    /// <param name="ours">Where the packet has our address: <c>saddr</c> or <c>daddr</c>.</param>
    /// <param name="other">Where it has the other.</param>
    /// <param name="address">One of ours.</param>
    public static string Rule(string ours, string other, CidrAddress address)
    {
        var ip = Family(address.Address) == "4" ? "ip" : "ip6";
        return $"{ip} {ours} . {ip} {other} & {Mask(address)} vmap @near{Family(address.Address)}";
    }

    private static IPAddress Mask(CidrAddress address)
    {
        var mask = new byte[address.Address.GetAddressBytes().Length];
        for (var bit = 0; bit < address.PrefixLength; bit++)
            mask[bit / 8] |= (byte)(0x80 >> (bit % 8));
        return new(mask);
    }
}
