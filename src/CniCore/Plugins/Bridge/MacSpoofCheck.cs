namespace CniCore.Plugins.Bridge;

/// <summary>
/// <c>macspoofchk</c>: a port's frames carry its container's hardware address, or are dropped. One table, two sets, however many ports.
/// </summary>
internal static class MacSpoofCheck
{
    private const string Table = "bridge cnid_macspoof";

    private static readonly string[] Sets = ["ports", "allowed"];

    private const string Base = $$"""
        add table {{Table}}
        add set {{Table}} ports { type ifname; }
        add set {{Table}} allowed { type ifname . ether_addr; }
        add chain {{Table}} prerouting { type filter hook prerouting priority -300; policy accept; }
        flush chain {{Table}} prerouting
        add rule {{Table}} prerouting iifname @ports iifname . ether saddr != @allowed drop

        """;

    public static void Add(AttachmentTag tag, string port, string mac) => RuleTable.Change(nft => nft.Run(Base + $$"""
        add element {{Table}} ports { "{{port}}" comment "{{tag}}" }
        add element {{Table}} allowed { "{{port}}" . {{mac}} comment "{{tag}}" }
        """));

    public static void Remove(AttachmentTag tag) => RuleTable.Remove(Table, Sets, tag.Owns);

    /// <summary>GC: removes what is the network's and of none of these attachments.</summary>
    public static void RemoveAllBut(string network, IReadOnlySet<string> identities) =>
        RuleTable.Remove(Table, Sets, RuleTable.AllBut(network, identities));
}
