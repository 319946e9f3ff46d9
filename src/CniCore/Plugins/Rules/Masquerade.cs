using System.Net;
using System.Net.Sockets;
using CniCore.Spec;

namespace CniCore.Plugins.Rules;

/// <summary>
/// Gives what our addresses send outside their own subnet the host's address: <c>ipMasq</c> of bridge and ptp. Multicast stays as it is.
/// In the namespace of the calling thread.
/// </summary>
internal static class Masquerade
{
    private static readonly RuleTable Table = new(
        "inet cnid_masquerade",
        """
        set near4 { type ipv4_addr . ipv4_addr; flags interval; }
        set near6 { type ipv6_addr . ipv6_addr; flags interval; }
        map ours4 { type ipv4_addr : verdict; }
        map ours6 { type ipv6_addr : verdict; }
        chain outside {
            masquerade
        }
        chain postrouting {
            type nat hook postrouting priority srcnat; policy accept;
            ip daddr 224.0.0.0/4 return
            ip6 daddr ff00::/8 return
            ip saddr . ip daddr @near4 return
            ip6 saddr . ip6 daddr @near6 return
            ip saddr vmap @ours4
            ip6 saddr vmap @ours6
        }
        """,
        ["ours4", "ours6"],
        "outside");

    /// <summary>From now on. What another attachment left behind under the same address is taken over.</summary>
    public static void Add(AttachmentTag tag, IEnumerable<CidrAddress> addresses)
    {
        var known = addresses.ToList();
        var ours = known.Select(address => address.Address).ToHashSet();
        if (known.Count > 0)
            Table.Add([.. known.SelectMany(address => Elements(tag, address))], old => ours.Contains(IPAddress.Parse(old.Key.Split(" . ")[0])));
    }

    /// <summary>No more. Without addresses they are found by the attachment's name. Right to repeat.</summary>
    public static void Remove(AttachmentTag tag, IEnumerable<CidrAddress> addresses)
    {
        var known = addresses.ToList();
        Table.Delete(tag.Owns, known.Count == 0 ? null : () => [.. known.Where(address => IsOurs(tag, address)).SelectMany(address => Elements(tag, address))]);
    }

    /// <summary>GC: removes what belongs to the network but to none of these (<see cref="AttachmentTag.Identity"/>).</summary>
    public static void RemoveAllBut(string network, IReadOnlySet<string> identities) =>
        Table.Delete(comment => AttachmentTag.IsStale(comment, network, identities));

    /// <summary>Whether it is in force for all of these addresses.</summary>
    public static bool Has(AttachmentTag tag, IEnumerable<CidrAddress> addresses)
    {
        return addresses.All(address => IsOurs(tag, address));
    }

    private static bool IsOurs(AttachmentTag tag, CidrAddress address) =>
        Table.Find("ours" + Family(address.Address), address.Address.ToString()) is { } element && tag.Owns(element.Comment);

    private static IEnumerable<RuleElement> Elements(AttachmentTag tag, CidrAddress address) =>
    [
        new("ours" + Family(address.Address), address.Address.ToString(), tag.ToString(), "goto outside"),
        new("near" + Family(address.Address), $"{address.Address} . {address.Network}", tag.ToString()),
    ];

    private static string Family(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? "4" : "6";
}
