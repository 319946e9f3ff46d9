using CniCore.Linux.Nftables;
using CniCore.Spec;
using static CniCore.Linux.Nftables.Nft;

namespace CniCore.Plugins.Rules;

/// <summary>
/// Gives what our addresses send outside their own subnet the host's address: <c>ipMasq</c> of bridge and ptp. Multicast stays as it is.
/// In the namespace of the calling thread.
/// </summary>
internal static class Masquerade
{
    internal static readonly RuleTable Table = new(
        new(NftTable.Parse("inet cnid_masquerade"))
        {
            Sets = [.. Vicinity.Sets, new("ours4", "ipv4_addr : verdict"), new("ours6", "ipv6_addr : verdict")],
            Chains =
            [
                new("near"),
                new("postrouting", new("nat", "postrouting", NftHook.SourceNat))
                {
                    { IpDaddr.Is("224.0.0.0/4"), Return },
                    { Ip6Daddr.Is("ff00::/8"), Return },
                    IpSaddr.VMap("ours4"),
                    Ip6Saddr.VMap("ours6"),
                },
            ],
        },
        Vicinity.Maps,
        "near");

    /// <summary>From now on. What another attachment left behind under the same address is taken over.</summary>
    public static void Add(AttachmentTag tag, IEnumerable<CidrAddress> addresses)
    {
        var known = addresses.ToList();
        var ours = known.Select(address => address.Address).ToHashSet();
        if (known.Count > 0)
            Table.Add([.. known.SelectMany(address => Elements(tag, address))], old =>
                ours.Contains(AddressText.Parse(old.Key.Split(" . ")[0])), Chains(known));
    }

    /// <summary>No more. Without addresses they are found by the attachment's name. Right to repeat.</summary>
    public static void Remove(AttachmentTag tag, IEnumerable<CidrAddress> addresses)
    {
        var known = addresses.ToList();
        Table.Delete(tag.Owns, known.Count == 0 ? null : () =>
            [.. known.Where(address => IsOurs(tag, address)).SelectMany(address => Elements(tag, address))]);
    }

    /// <summary>GC: removes what belongs to the network but to none of these (<see cref="AttachmentTag.Identity"/>).</summary>
    public static void RemoveAllBut(string network, IReadOnlySet<string> identities) =>
        Table.Delete(comment => AttachmentTag.IsStale(comment, network, identities));

    /// <summary>Whether it is in force for all of these addresses.</summary>
    public static bool Has(AttachmentTag tag, IEnumerable<CidrAddress> addresses)
    {
        return addresses.All(address => IsOurs(tag, address));
    }

    /// <summary>What of it is not there.</summary>
    public static IEnumerable<MissingRule> Missing(AttachmentTag tag, IEnumerable<CidrAddress> addresses, RuleSnapshot found) =>
        found.Missing(Table, addresses.SelectMany(address => Elements(tag, address))).Concat(found.Missing(Table, Chains(addresses)));

    /// <summary>Again, after somebody has taken some of it away.</summary>
    public static void Restore(AttachmentTag tag, IEnumerable<CidrAddress> addresses)
    {
        Add(tag, addresses);
        if (Chains(addresses) is { Count: > 0 } chains)
            Table.Put(chains);
    }

    private static bool IsOurs(AttachmentTag tag, CidrAddress address) =>
        Table.Find("ours" + Vicinity.Family(address.Address), address.Address.ToString()) is { } element && tag.Owns(element.Comment);

    private static IEnumerable<RuleElement> Elements(AttachmentTag tag, CidrAddress address) =>
    [
        new("ours" + Vicinity.Family(address.Address), address.Address.ToString(), tag.ToString(), $"goto {ChainName(address)}"),
        Vicinity.Pair(tag, address, "goto near"),
    ];

    private static List<NftChain> Chains(IEnumerable<CidrAddress> addresses) =>
        [.. addresses.DistinctBy(ChainName)
            .Select(address => new NftChain(ChainName(address)) { Vicinity.FromOurs(address), Nft.Masquerade })];

    private static string ChainName(CidrAddress address) => Vicinity.ChainName("outside", address);
}
