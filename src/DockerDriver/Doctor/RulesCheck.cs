using CniCore.Linux.Nftables;
using CniCore.Spec;
using DockerDriver.Firewall;

namespace DockerDriver.Doctor;

/// <summary>Checks whether the firewall rules of the stored networks and attachments exist.</summary>
internal sealed class RulesCheck() : DoctorCheck("rules", "they isolate, admit, masquerade and publish")
{
    private const int MaxNames = 3;

    public override Task<IReadOnlyList<DoctorFinding>> RunAsync(DoctorContext host, CancellationToken cancel)
    {
        var policies = NetworkPolicies.Of(host.Networks, host.Endpoints);
        List<MissingRule> missing = [.. host.Firewall.Missing(policies), .. host.Runtime.MissingRules()];
        IReadOnlyList<DoctorFinding> findings = missing.Count == 0
            ? [Ok("all rules of networks and attachments exist")]
            : [.. missing.GroupBy(rule => rule.Place).Select(place => Missing(place.Key, [.. place.Select(rule => rule.Text).Distinct()]))];
        return Task.FromResult(findings);
    }

    private DoctorFinding Missing(string place, List<string> rules) => Fail(
        $"rules are missing in {place}: "
        + $"{string.Join("; ", rules.Take(MaxNames))}{(rules.Count > MaxNames ? $" and {rules.Count - MaxNames} more" : "")}",
        ServiceCommand.StartCnid(),
        "networks are not isolated, or have no connectivity; the daemon restores rules within a second, unless another program removes "
        + "them repeatedly, which its log and the check sockets report");
}
