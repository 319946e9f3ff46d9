using CniCore.Linux.Nftables;
using CniCore.Plugins.Rules;
using CniCore.Spec;
using static CniCore.Linux.Nftables.Nft;

namespace CniCore.Plugins.Bridge;

/// <summary><c>macspoofchk</c>: a port's frames carry its container's hardware address, or are dropped.</summary>
internal static class MacSpoofCheck
{
    internal static readonly RuleTable Table = new(
        new(NftTable.Parse("bridge cnid_macspoof"))
        {
            Sets = [new("allowed", "ifname . ether_addr"), new("ports", "ifname : verdict")],
            Chains =
            [
                new("checked") { { IifName.Dot(EtherSaddr).NotIn("allowed"), Drop } },
                new("prerouting", new("filter", "prerouting", -300)) { IifName.VMap("ports") },
            ],
        },
        ["ports"],
        "checked");

    public static void Add(AttachmentTag tag, string port, string mac)
    {
        Table.Add(Elements(tag, port, mac), old => old.Key.StartsWith($"\"{port}\"", StringComparison.Ordinal));
    }

    public static IEnumerable<MissingRule> Missing(AttachmentTag tag, string port, string mac, RuleSnapshot found) =>
        found.Missing(Table, Elements(tag, port, mac));

    private static RuleElement[] Elements(AttachmentTag tag, string port, string mac) =>
    [
        new("ports", $"\"{port}\"", tag.ToString(), "goto checked"),
        new("allowed", $"\"{port}\" . {mac}", tag.ToString()),
    ];

    public static void Remove(AttachmentTag tag) => Table.Delete(tag.Owns);

    /// <summary>GC: removes what is the network's and of none of these attachments.</summary>
    public static void RemoveAllBut(string network, IReadOnlySet<string> identities) =>
        Table.Delete(comment => AttachmentTag.IsStale(comment, network, identities));
}
