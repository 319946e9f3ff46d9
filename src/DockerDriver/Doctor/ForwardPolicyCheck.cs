using CniCore.Linux.Nftables;
using CniCore.Spec;
using DockerDriver.Networks;

namespace DockerDriver.Doctor;

/// <summary>FORWARD's policy, which Docker sets to DROP, and whether what cnid's networks forward gets past it.</summary>
internal sealed class ForwardPolicyCheck() : Check("forward", "Docker sets the policy of FORWARD to DROP: what no rule admits goes nowhere, not even between two containers of one bridge")
{
    public override async Task<IReadOnlyList<Finding>> LookAsync(ExaminedHost host, CancellationToken cancel)
    {
        var rules = await RulesAsync(cancel);
        if (rules is null)
            return [Ok("there is no chain FORWARD: nothing is dropped there")];
        var drops = rules.Contains("policy drop", StringComparison.Ordinal) || rules.Contains("-P FORWARD DROP", StringComparison.Ordinal);
        List<Finding> findings = [Ok(drops ? "the policy of FORWARD is DROP" : "the policy of FORWARD is ACCEPT")];
        if (host.Networks.Any(network => network.Bridge is not null) && !Bridges.HasLegacyRules() && !Bridges.IsGuarded())
            findings.Add(Fail("cnid's table or its chain in FORWARD is missing, and there are generated networks", Service.StartCnid(), "generated networks are not kept apart or not admitted; the daemon writes both anew within 30 s"));
        if (drops)
            findings.AddRange(Bridged(host).Where(one => !IsNamed(rules, one.Bridge)).SelectMany(one => Shut(host, one.List, one.Bridge)));
        return findings;
    }

    private IEnumerable<Finding> Shut(ExaminedHost host, NetworkList list, string bridge)
    {
        if (!Has(list, "firewall"))
            yield return Warn(
                $"the list {list.Name} has a bridge, {bridge}, and no plugin firewall: its containers reach nothing",
                $"iptables -I FORWARD -i {bridge} -j ACCEPT && iptables -I FORWARD -o {bridge} -j ACCEPT",
                "no rule admits what comes from it; the plugin firewall at the end of the list does so for each container, the command for all of the bridge until the next boot");
        else if (Has(list, "portmap") && !host.Runtime.BuiltinsFor(list).Contains("firewall"))
            yield return Warn(
                $"the list {list.Name} publishes ports, which other hosts do not reach: its firewall is the executable",
                $"iptables -I FORWARD -o {bridge} -m conntrack --ctstate DNAT -j ACCEPT",
                "the reference plugin firewall admits what containers send and the answers to it, and no connection from outside; the built-in one does (builtin: always), the command until the next boot");
    }

    private static async Task<string?> RulesAsync(CancellationToken cancel)
    {
        if (Bridges.HasLegacyRules())
            return await Tool.AskAsync("iptables-legacy", ["-S", "FORWARD"], cancel);
        try
        {
            using var nft = Nftables.Open();
            return nft.Query("list chain ip filter FORWARD");
        }
        catch (NftablesException)
        {
            return null;
        }
    }

    private static IEnumerable<(NetworkList List, string Bridge)> Bridged(ExaminedHost host) =>
        from list in host.Lists.Where(review => review.IsUsable).Select(review => review.List!)
        let bridge = list.Plugins[0].Type.ToString() == "bridge" ? NameOf(list.Plugins[0]) : ""
        where bridge.Length > 0
        select (list, bridge);

    private static bool Has(NetworkList list, string type) => list.Plugins.Any(plugin => plugin.Type.ToString() == type);

    // In nft's words, or in iptables'.
    private static bool IsNamed(string rules, string bridge) => rules.Contains($"\"{bridge}\"", StringComparison.Ordinal) || rules.Contains($" {bridge} ", StringComparison.Ordinal);

    // The reference's default. A name that is none would not become an interface, nor a word of a command.
    private static string NameOf(PluginConfig plugin)
    {
        var name = plugin.Json.TryGetProperty("bridge", out var given) && given.ValueKind == System.Text.Json.JsonValueKind.String ? given.GetString()! : "cni0";
        return name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.') ? name : "";
    }
}
