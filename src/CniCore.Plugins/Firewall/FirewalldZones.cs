using System.Text;
using System.Text.Json;
using CniCore.Linux;
using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Plugins.Firewall;

/// <summary>
/// The runtime configuration of firewalld's zones, which lasts until the next reload. An interface or source in no zone is in the default
/// zone, which rejects what a container sends.
/// </summary>
public static class FirewalldZones
{
    /// <summary>The zone that accepts everything. It exists in every firewalld.</summary>
    public const string Trusted = "trusted";

    private const string Client = "/usr/bin/firewall-cmd";
    private const string InterfaceKind = "interface";
    private const string SourceKind = "source";
    private static readonly NftTable Table = NftTable.Parse("inet firewalld");

    /// <summary>Identifies one load of firewalld's rules; null if firewalld does not run, or there is no firewall-cmd.</summary>
    public static string? Load(HostNetwork host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return File.Exists(Client) ? host.Nftables.HandleOf(Table) : null;
    }

    /// <summary>An interface in the zone that accepts everything.</summary>
    public static FirewalldMember Interface(string name) => new(Trusted, InterfaceKind, name);

    /// <summary>
    /// The addresses of an attachment as members of the zone that its firewall plugin names; empty if the plugin is configured for
    /// iptables.
    /// </summary>
    /// <param name="list">The network list as it was at ADD.</param>
    /// <param name="result">The result of ADD; null for none yet.</param>
    public static IEnumerable<FirewalldMember> Of(NetworkList list, CniResult? result)
    {
        var config = ConfigOf(list);
        return result is null || config.WireBackend == "iptables"
            ? []
            : result.Ips.Select(ip => new FirewalldMember(config.Zone, SourceKind, Firewalld.Source(ip))).Distinct();
    }

    /// <summary>
    /// Adds missing members, with one call for each zone and kind: firewall-cmd takes no interfaces and sources together.
    /// </summary>
    /// <returns>The refusals of firewalld, for example for a member that the administrator put into another zone.</returns>
    /// <exception cref="CniPluginException">firewalld does not answer.</exception>
    public static IReadOnlyList<string> Add(HostNetwork host, IReadOnlyCollection<FirewalldMember> members) =>
        Change(host, "add", members);

    /// <summary>Removes members.</summary>
    /// <returns>The refusals of firewalld.</returns>
    /// <exception cref="CniPluginException">firewalld does not answer.</exception>
    public static IReadOnlyList<string> Remove(HostNetwork host, IReadOnlyCollection<FirewalldMember> members) =>
        Change(host, "remove", members);

    private static List<string> Change(HostNetwork host, string verb, IReadOnlyCollection<FirewalldMember> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        var refusals = new List<string>();
        foreach (var alike in members.GroupBy(member => (member.Zone, member.Kind)))
        {
            var (zone, kind) = alike.Key;
            var exit = Firewalld.Run(host, [$"--zone={zone}", .. alike.Select(member => $"--{verb}-{kind}={member.Name}")]);
            if (exit.Status is Firewalld.NotRunning or null)
                throw new CniPluginException(CniErrorCode.Internal, "firewalld does not answer",
                    Encoding.UTF8.GetString(exit.Errors).Trim());
            if (exit.Status != 0)
                refusals.Add(Encoding.UTF8.GetString(exit.Errors).Trim());
        }
        return refusals;
    }

    private static FirewallConfig ConfigOf(NetworkList list) =>
        list.Plugins.FirstOrDefault(plugin => plugin.Type.ToString() == "firewall") is { } firewall
            ? firewall.Json.Deserialize(FirewallJson.Default.FirewallConfig)!
            : new();
}
