using CniCore.Linux;
using CniCore.Linux.Nftables;
using static CniCore.Linux.Nftables.Nft;

namespace CniCore.Firewall;

/// <summary>The table <c>bridge cnid_macspoof</c>: drops frames of a port that do not have its container's hardware address.</summary>
internal sealed class MacSpoofTable(HostNetwork host)
{
    /// <summary>The table without elements.</summary>
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

    /// <summary>The elements of an attachment.</summary>
    public static WantedTable Wanted(AttachmentTag tag, IEnumerable<(string Port, string Mac)> senders) => new(Definition)
    {
        Elements = [.. senders.SelectMany(sender => Elements(tag, sender.Port, sender.Mac))],
    };

    public void Add(AttachmentTag tag, string port, string mac) =>
        Table.Add(Elements(tag, port, mac), old => old.Key.StartsWith($"\"{port}\"", StringComparison.Ordinal));

    public void Remove(AttachmentTag tag) => Table.Delete(tag.Owns);

    /// <summary>For GC: removes elements of the network that belong to none of these attachments.</summary>
    public void RemoveAllBut(string network, IReadOnlySet<string> identities) =>
        Table.Delete(comment => AttachmentTag.IsStale(comment, network, identities));

    /// <summary>Removes elements whose port is gone, and that belong to none of these attachments.</summary>
    public void RemoveWithoutPort(Func<IReadOnlySet<string>> identities) => Table.DeleteWithoutInterface(identities);

    private static RuleElement[] Elements(AttachmentTag tag, string port, string mac) =>
    [
        new("ports", $"\"{port}\"", tag.ToString(), "goto checked"),
        new("allowed", $"\"{port}\" . {mac}", tag.ToString()),
    ];
}
