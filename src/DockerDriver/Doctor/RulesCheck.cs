using CniCore.Linux.Nftables;
using CniCore.Spec;
using DockerDriver.Firewall;

namespace DockerDriver.Doctor;

/// <summary>Whether the rules stand that should, by the networks and attachments that are stored.</summary>
internal sealed class RulesCheck() : Check("rules", "networks are kept apart, let past FORWARD, masqueraded and published by them")
{
    private const int Named = 3;

    public override Task<IReadOnlyList<Finding>> LookAsync(DoctorContext host, CancellationToken cancel)
    {
        var policies = NetworkPolicies.Of(host.Networks, host.Endpoints);
        List<MissingRule> missing = [.. host.Firewall.Missing(policies), .. host.Runtime.MissingRules()];
        IReadOnlyList<Finding> findings = missing.Count == 0
            ? [Ok("all rules stand that networks and attachments should have")]
            : [.. missing.GroupBy(rule => rule.Place).Select(place => Lacks(place.Key, [.. place.Select(rule => rule.Text).Distinct()]))];
        return Task.FromResult(findings);
    }

    private Finding Lacks(string place, List<string> rules) => Fail(
        $"rules are missing in {place}: "
        + $"{string.Join("; ", rules.Take(Named))}{(rules.Count > Named ? $" and {rules.Count - Named} more" : "")}",
        Service.StartCnid(),
        "networks are not kept apart, or cut off; the daemon writes them again within a second, unless somebody removes them again and "
        + "again, which its log and the check sockets say");
}
