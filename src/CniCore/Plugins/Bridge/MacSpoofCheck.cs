using CniCore.Plugins.Rules;

namespace CniCore.Plugins.Bridge;

/// <summary><c>macspoofchk</c>: a port's frames carry its container's hardware address, or are dropped.</summary>
internal static class MacSpoofCheck
{
    internal static readonly RuleTable Table = new(
        "bridge cnid_macspoof",
        """
        set allowed { type ifname . ether_addr; }
        map ports { type ifname : verdict; }
        chain checked {
            iifname . ether saddr != @allowed drop
        }
        chain prerouting {
            type filter hook prerouting priority -300; policy accept;
            iifname vmap @ports
        }
        """,
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
