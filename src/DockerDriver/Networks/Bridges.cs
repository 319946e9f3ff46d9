using System.Text.RegularExpressions;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CniCore.Plugins.Rules;
using DockerDriver.State;

namespace DockerDriver.Networks;

/// <summary>
/// The bridges of generated networks: who may talk across them, and their end. An nftables table of ours only ever drops: that
/// is final whatever another table accepts, so it works beside Docker's rules in either back end, before and after it rewrites them.
/// A chain of ours in iptables' FORWARD admits what is left, past Docker's policy of DROP.
/// </summary>
internal static partial class Bridges
{
    private const string AdmitChain = "CNID-FORWARD";
    private static readonly string[] Families = ["ip", "ip6"];
    private static readonly string[] LegacyTables = ["/proc/net/ip_tables_names", "/proc/net/ip6_tables_names"];

    /// <summary>Writes the table anew for these networks, in one transaction. One without bridges is removed.</summary>
    /// <exception cref="NftablesException">The kernel or the library refuses.</exception>
    public static void Guard(IEnumerable<StoredNetwork> networks)
    {
        var bridges = networks.Select(network => network.Bridge).OfType<GeneratedBridge>().ToList();
        using var nft = Nftables.Open();
        using var route = RouteSocket.Open();
        nft.Run(BridgeGuard.Script(bridges, bridges.Count == 0 ? [] : UplinkBridges.Of(route)));
        foreach (var family in Families)
        {
            if (bridges.Count > 0)
                Admit(nft, family, bridges);
            else
                AdmitNoMore(nft, family);
        }
    }

    // Past Docker's policy of DROP in FORWARD. What may not come in or go out was dropped in our own table by then, so this chain
    // admits all the rest. Plain rules, which iptables-nft can still list.
    private static void Admit(Nftables nft, string family, List<GeneratedBridge> bridges)
    {
        if (Forward(nft, family) is not { } forward)
            return;
        var admitted = string.Concat(bridges.Select(bridge =>
            $"add rule {family} filter {AdmitChain} oifname \"{bridge.Name}\" accept\nadd rule {family} filter {AdmitChain} iifname \"{bridge.Name}\" accept\n"));
        var jump = forward.Contains(AdmitChain, StringComparison.Ordinal) ? "" : $"insert rule {family} filter FORWARD jump {AdmitChain}\n";
        nft.Run($"add chain {family} filter {AdmitChain}\nflush chain {family} filter {AdmitChain}\n{admitted}{jump}");
    }

    // The chain goes with the last network, and the jump to it; where somebody else's rule leads to it too, it stays, empty.
    private static void AdmitNoMore(Nftables nft, string family)
    {
        if (Forward(nft, family) is not { } forward)
            return;
        var jumps = JumpHandle().Matches(forward).Select(jump => $"delete rule {family} filter FORWARD handle {jump.Groups["handle"].Value}\n");
        try
        {
            nft.Run($"add chain {family} filter {AdmitChain}\n{string.Concat(jumps)}flush chain {family} filter {AdmitChain}\ndelete chain {family} filter {AdmitChain}\n");
        }
        catch (NftablesException)
        {
            nft.Run($"flush chain {family} filter {AdmitChain}\n");
        }
    }

    /// <summary>Whether all of it is still there: a flush takes the table along, an iptables-restore our chain.</summary>
    public static bool IsGuarded()
    {
        using var nft = Nftables.Open();
        return nft.Query("list tables").Contains($"table inet {BridgeGuard.Table}", StringComparison.Ordinal)
            && Families.All(family => Forward(nft, family)?.Contains(AdmitChain, StringComparison.Ordinal) != false);
    }

    /// <summary>Whether iptables' legacy back end is in use: its rules are none that nftables could add to.</summary>
    public static bool HasLegacyRules() =>
        LegacyTables.Any(path => File.Exists(path) && File.ReadLines(path).Contains("filter"));

    // Null: no rules of iptables', hence no policy to get past.
    private static string? Forward(Nftables nft, string family)
    {
        try
        {
            return nft.Query($"list chain {family} filter FORWARD", handles: true);
        }
        catch (NftablesException)
        {
            return null;
        }
    }

    [GeneratedRegex($@"jump {AdmitChain} # handle (?<handle>\d+)")]
    private static partial Regex JumpHandle();
}
