using System.Text;
using DockerDriver.State;

namespace DockerDriver.Networks;

/// <summary>The table <c>inet cnid</c>, in nft's words. Sets, so a packet costs the same with one network and with a hundred.</summary>
internal static class BridgeGuard
{
    public const string Table = "cnid";

    public static string Script(IReadOnlyList<GeneratedBridge> bridges, IReadOnlyList<string> uplinks)
    {
        // "add" first, so that the "delete" has something to delete.
        var script = new StringBuilder($"add table inet {Table}\ndelete table inet {Table}\n");
        if (bridges.Count == 0)
            return script.ToString();

        var apart = bridges.Where(bridge => !bridge.Icc).ToList();
        return script.Append(
            $$"""
            table inet {{Table}} {
                set bridges { type ifname; {{Names(bridges.Select(bridge => bridge.Name))}} }
                set internal { type ifname; {{Names(bridges.Where(bridge => bridge.Internal).Select(bridge => bridge.Name))}} }
                set uplinks { type ifname; {{Names(uplinks)}} }
                set within { type ifname . ifname; {{Pairs(bridges.Except(apart))}} }
                set apart { type ifname . ifname; {{Pairs(apart)}} }
                chain forward {
                    type filter hook forward priority filter - 5; policy accept;
                    iifname . oifname @within accept
                    iifname . oifname @apart ct state established,related accept
                    iifname . oifname @apart drop
                    iifname @internal drop
                    oifname @internal drop
                    ct state established,related accept
                    ct status dnat accept comment "published ports"
                    oifname @bridges drop comment "from elsewhere only what is published"
                    iifname @bridges meta oifkind "bridge" oifname != @uplinks drop comment "not into other networks of this host"
                }
            }
            """).ToString();
    }

    private static string Names(IEnumerable<string> names) => Elements(names.Select(name => $"\"{name}\""));

    private static string Pairs(IEnumerable<GeneratedBridge> bridges) => Elements(bridges.Select(bridge => $"\"{bridge.Name}\" . \"{bridge.Name}\""));

    private static string Elements(IEnumerable<string> elements)
    {
        var list = string.Join(", ", elements);
        return list.Length == 0 ? "" : $"elements = {{ {list} }};";
    }
}
