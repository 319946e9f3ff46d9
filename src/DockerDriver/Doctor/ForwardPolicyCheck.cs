using CniCore.Linux.Nftables;

namespace DockerDriver.Doctor;

/// <summary>Checks the policy of FORWARD, which Docker sets to DROP, and what admits packets in spite of it.</summary>
internal sealed class ForwardPolicyCheck()
    : DoctorCheck(
    "forward",
    "Docker sets the policy of FORWARD to DROP: packets that no rule admits are dropped, even between two containers of one bridge")
{
    public override async Task<IReadOnlyList<DoctorFinding>> RunAsync(DoctorContext host, CancellationToken cancel)
    {
        var rules = await RulesAsync(host, cancel);
        if (rules is null)
            return [Ok("there is no chain FORWARD: nothing is dropped there")];
        var drops = rules.Contains("policy drop", StringComparison.Ordinal) || rules.Contains("-P FORWARD DROP", StringComparison.Ordinal);
        List<DoctorFinding> findings = [Ok(drops ? "the policy of FORWARD is DROP" : "the policy of FORWARD is ACCEPT")];
        if (drops && !host.Settings.Admits && NotAdmitted(host) is { Count: > 0 } lists)
            findings.Add(Warn(
                $"the setting admit is off, and there is no plugin firewall in {string.Join(", ", lists)}: their containers may have no "
                + "connectivity",
                "",
                "the policy drops what no rule admits; the setting admit, or the plugin firewall in a list, admits the containers' "
                + "packets"));
        return findings;
    }

    private static async Task<string?> RulesAsync(DoctorContext host, CancellationToken cancel)
    {
        if (host.Firewall.UsesLegacyIptables)
            return await HostProgram.ReadOutputAsync("iptables-legacy", ["-S", "FORWARD"], cancel);
        try
        {
            return NftProgram.Run("list chain ip filter FORWARD\n");
        }
        catch (NftablesException)
        {
            return null;
        }
    }

    private static List<string> NotAdmitted(DoctorContext host) =>
    [
        .. from list in host.Lists.Where(review => review.IsUsable).Select(review => review.List!)
           where list.Plugins.All(plugin => plugin.Type.ToString() != "firewall")
           select list.Name.ToString(),
    ];
}
