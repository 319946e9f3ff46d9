using CniCore.Linux;
using CniCore.Linux.Nftables;
using CniCore.Spec;
using static CniCore.Linux.Nftables.Nft;

namespace CniCore.Firewall;

/// <summary>
/// The table <c>inet cnid_masquerade</c>: packets of attachments to outside their subnet get the host's address. Not multicast.
/// </summary>
internal sealed class MasqueradeTable(HostNetwork host)
{
    /// <summary>The table without elements.</summary>
    public static readonly TableDefinition Definition = new(NftTable.Parse("inet cnid_masquerade"))
    {
        Sets = [.. SubnetMatch.Sets, new("ours4", "ipv4_addr : verdict"), new("ours6", "ipv6_addr : verdict")],
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
    };

    public RuleTable Table { get; } = new(host, Definition, SubnetMatch.Maps, "near");

    /// <summary>The elements of an attachment.</summary>
    public static WantedTable Wanted(AttachmentTag tag, IReadOnlyList<SourceTranslation> translations) => new(Definition)
    {
        Elements = [.. translations.SelectMany(translation => Elements(tag, translation))],
        Chains = [.. translations.DistinctBy(ChainName)
            .Select(translation => new NftChain(ChainName(translation)) { SubnetMatch.FromOurs(translation.Subnet), Nft.Masquerade })],
    };

    /// <summary>Adds translations. Elements that another attachment left under the same address are replaced.</summary>
    public void Add(AttachmentTag tag, IReadOnlyList<SourceTranslation> translations)
    {
        var ours = translations.Select(translation => translation.From.BaseAddress).ToHashSet();
        var wanted = Wanted(tag, translations);
        if (translations.Count > 0)
            Table.Add(wanted.Elements, old => ours.Contains(AddressText.Parse(old.Key.Split(" . ")[0])), wanted.Chains);
    }

    /// <summary>Removes translations. Without translations, they are found by the attachment's comment. Idempotent.</summary>
    public void Remove(AttachmentTag tag, IReadOnlyList<SourceTranslation> translations) =>
        Table.Delete(tag.Owns, translations.Count == 0 ? null : () =>
            [.. translations.Where(translation => Has(tag, translation)).SelectMany(translation => Elements(tag, translation))]);

    /// <summary>
    /// For GC: removes elements of the network that have none of these identities (<see cref="AttachmentTag.Identity"/>).
    /// </summary>
    public void RemoveAllBut(string network, IReadOnlySet<string> identities) =>
        Table.Delete(comment => AttachmentTag.IsStale(comment, network, identities));

    /// <summary>Whether all of the translations are in force.</summary>
    public bool Has(AttachmentTag tag, IEnumerable<SourceTranslation> translations) =>
        translations.All(translation => Has(tag, translation));

    /// <summary>Restores elements that somebody removed.</summary>
    public void Restore(AttachmentTag tag, IReadOnlyList<SourceTranslation> translations)
    {
        Add(tag, translations);
        if (Wanted(tag, translations).Chains is { Count: > 0 } chains)
            Table.Put(chains);
    }

    private bool Has(AttachmentTag tag, SourceTranslation translation) =>
        Table.Find("ours" + SubnetMatch.Family(translation.From.BaseAddress), $"{translation.From.BaseAddress}") is { } element
            && tag.Owns(element.Comment);

    private static IEnumerable<RuleElement> Elements(AttachmentTag tag, SourceTranslation translation) =>
    [
        new("ours" + SubnetMatch.Family(translation.From.BaseAddress), $"{translation.From.BaseAddress}", tag.ToString(),
            $"goto {ChainName(translation)}"),
        SubnetMatch.Pair(tag, translation.From.BaseAddress, translation.Subnet, "goto near"),
    ];

    private static string ChainName(SourceTranslation translation) => SubnetMatch.ChainName("outside", translation.Subnet);
}
