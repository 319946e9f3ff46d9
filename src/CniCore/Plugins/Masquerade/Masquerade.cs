using System.Net.Sockets;
using System.Text;
using CniCore.Spec;

namespace CniCore.Plugins.Masquerade;

/// <summary>
/// <c>ipMasq</c>: what an address of ours sends out of its own subnet carries the host's address; multicast stays as it is.
/// One table, and sets: a packet costs the same however many attachments there are.
/// </summary>
internal static class Masquerade
{
    private const string Table = "inet cnid_masquerade";
    private static readonly string[] Sets = ["sources4", "sources6", "subnets4", "subnets6"];

    // The chain is written anew each time: that is right whatever is there, and one transaction.
    private const string Base = $$"""
        add table {{Table}}
        add set {{Table}} sources4 { type ipv4_addr; }
        add set {{Table}} sources6 { type ipv6_addr; }
        add set {{Table}} subnets4 { type ipv4_addr . ipv4_addr; flags interval; }
        add set {{Table}} subnets6 { type ipv6_addr . ipv6_addr; flags interval; }
        add chain {{Table}} postrouting { type nat hook postrouting priority srcnat; policy accept; }
        flush chain {{Table}} postrouting
        add rule {{Table}} postrouting ip saddr @sources4 ip saddr . ip daddr != @subnets4 ip daddr != 224.0.0.0/4 masquerade
        add rule {{Table}} postrouting ip6 saddr @sources6 ip6 saddr . ip6 daddr != @subnets6 ip6 daddr != ff00::/8 masquerade

        """;

    /// <summary>Masquerades what these addresses send. They belong to the attachment until it is removed.</summary>
    public static void Add(AttachmentTag tag, IEnumerable<CidrAddress> addresses)
    {
        var script = new StringBuilder(Base);
        foreach (var address in addresses)
        {
            var family = address.Address.AddressFamily == AddressFamily.InterNetwork ? 4 : 6;
            script.Append($$"""
                add element {{Table}} sources{{family}} { {{address.Address}} comment "{{tag}}" }
                add element {{Table}} subnets{{family}} { {{address.Address}} . {{address.Network}} comment "{{tag}}" }

                """);
        }
        RuleTable.Change(nft => nft.Run(script.ToString()));
    }

    /// <summary>Removes what the attachment has. Right to repeat.</summary>
    public static void Remove(AttachmentTag tag) => RuleTable.Remove(Table, Sets, tag.Owns);

    /// <summary>GC: removes what is the network's and of none of these attachments.</summary>
    public static void RemoveAllBut(string network, IReadOnlySet<string> identities) =>
        RuleTable.Remove(Table, Sets, RuleTable.AllBut(network, identities));
}
