using CniCore.Linux;
using CniCore.Linux.Nftables;
using static CniCore.Linux.Nftables.Nft;

namespace CniCore.Firewall;

/// <summary>The table <c>bridge cnid_macspoof</c>: a port's frames carry its container's hardware address, or are dropped.</summary>
internal sealed class MacSpoofTable(HostNetwork host)
{
    /// <summary>Without elements.</summary>
    public static readonly TableDefinition Definition = new(NftTable.Parse("bridge cnid_macspoof"))
    {
        Sets = [new("allowed", "ifname . ether_addr"), new("ports", "ifname : verdict")],
        Chains =
        [
            new("checked") { { IifName.Dot(EtherSaddr).NotIn("allowed"), Drop } },
            new("prerouting", new("filter", "prerouting", -300)) { IifName.VMap("ports") },
        ],
    };

    public RuleTable Table { get; } = new(host, Definition, ["ports"], "checked");

    /// <summary>What an attachment has in it.</summary>
    public static WantedTable Wanted(AttachmentTag tag, IEnumerable<(string Port, string Mac)> senders) => new(Definition)
    {
        Elements = [.. senders.SelectMany(sender => Elements(tag, sender.Port, sender.Mac))],
    };

    public void Add(AttachmentTag tag, string port, string mac) =>
        Table.Add(Elements(tag, port, mac), old => old.Key.StartsWith($"\"{port}\"", StringComparison.Ordinal));

    public void Remove(AttachmentTag tag) => Table.Delete(tag.Owns);

    /// <summary>GC: removes what is the network's and of none of these attachments.</summary>
    public void RemoveAllBut(string network, IReadOnlySet<string> identities) =>
        Table.Delete(comment => AttachmentTag.IsStale(comment, network, identities));

    private static RuleElement[] Elements(AttachmentTag tag, string port, string mac) =>
    [
        new("ports", $"\"{port}\"", tag.ToString(), "goto checked"),
        new("allowed", $"\"{port}\" . {mac}", tag.ToString()),
    ];
}
