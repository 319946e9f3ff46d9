using CniCore.Linux.Nftables;
using CniCore.Plugins.Rules;
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
        var key = $"\"{port}\"";
        Table.Add(
        [
            new("ports", key, tag.ToString(), "goto checked"),
            new("allowed", $"{key} . {mac}", tag.ToString()),
        ], old => old.Key.StartsWith(key, StringComparison.Ordinal));
    }

    public static void Remove(AttachmentTag tag) => Table.Delete(tag.Owns);

    /// <summary>GC: removes what is the network's and of none of these attachments.</summary>
    public static void RemoveAllBut(string network, IReadOnlySet<string> identities) => Table.Delete(comment => AttachmentTag.IsStale(comment, network, identities));
}
