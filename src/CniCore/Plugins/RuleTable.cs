using CniCore.Linux.Namespaces;
using CniCore.Linux.Nftables;

namespace CniCore.Plugins;

/// <summary>
/// A change of the rules of the namespace the call came in. One at a time, whichever process asks: what removes the last element takes
/// the table along, and must not take another's new element with it.
/// </summary>
internal static class RuleTable
{
    public static void Change(Action<Nftables> work)
    {
        using var here = NetworkNamespace.Current();
        using var locked = here.Lock();
        using var nft = Nftables.Open();
        work(nft);
    }

    /// <summary>Whether a table, such as <c>inet cnid_masquerade</c>, is there.</summary>
    public static bool Has(Nftables nft, string table) =>
        nft.Query($"list tables {table.Split(' ')[0]}").Split('\n').Contains("table " + table);

    /// <summary>
    /// Removes the elements whose comment says that they are gone, from all these sets of the table, and the table when none is left.
    /// </summary>
    public static void Remove(string table, IReadOnlyList<string> sets, Func<string, bool> isGone) => Change(nft =>
    {
        if (!Has(nft, table))
            return;
        var elements = sets.Select(set => (Set: $"{table} {set}", Elements: SetElements.Of(nft, $"{table} {set}"))).ToList();
        nft.Run(elements.TrueForAll(set => set.Elements.TrueForAll(element => isGone(element.Comment)))
            ? $"delete table {table}"
            : string.Concat(elements.Select(set => SetElements.Delete(set.Set, set.Elements.Where(element => isGone(element.Comment))))));
    });

    /// <summary>GC: what is the network's and of none of these attachments.</summary>
    public static Func<string, bool> AllBut(string network, IReadOnlySet<string> identities)
    {
        var part = AttachmentTag.NetworkPart(network) + "-";
        return comment => comment.StartsWith(part, StringComparison.Ordinal) && !identities.Contains(comment.Split(' ')[0]);
    }
}
