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
            findings.AddRange(BridgesShut(host, rules).Select(one => Warn(
                $"the list {one.List} has a bridge, {one.Bridge}, and no plugin firewall: its containers reach nothing",
                $"iptables -I FORWARD -i {one.Bridge} -j ACCEPT && iptables -I FORWARD -o {one.Bridge} -j ACCEPT",
                "no rule admits what comes from it; the plugin firewall at the end of the list does so for each container, the command for all of the bridge until the next boot")));
        return findings;
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

    private static IEnumerable<(string List, string Bridge)> BridgesShut(ExaminedHost host, string rules) =>
        from list in host.Lists.Where(review => review.IsUsable).Select(review => review.List!)
        where list.Plugins.All(plugin => plugin.Type.ToString() != "firewall")
        let bridge = list.Plugins[0].Type.ToString() == "bridge" ? NameOf(list.Plugins[0]) : ""
        where bridge.Length > 0 && !rules.Contains($"\"{bridge}\"", StringComparison.Ordinal) && !rules.Contains($" {bridge} ", StringComparison.Ordinal)
        select (list.Name.ToString(), bridge);

    // The reference's default. A name that is none would not become an interface, nor a word of a command.
    private static string NameOf(PluginConfig plugin)
    {
        var name = plugin.Json.TryGetProperty("bridge", out var given) && given.ValueKind == System.Text.Json.JsonValueKind.String ? given.GetString()! : "cni0";
        return name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.') ? name : "";
    }
}
