using System.Text;
using System.Text.Json;
using CniCore.Linux;
using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Plugins.Firewall;

/// <summary>
/// firewalld's zones, as they are until it is loaded anew: an interface or a source that is in none is in the default one, which rejects
/// what a container sends.
/// </summary>
public static class FirewalldZones
{
    /// <summary>The zone that lets everything through, which every firewalld has.</summary>
    public const string Trusted = "trusted";

    private const string Client = "/usr/bin/firewall-cmd";
    private const string InterfaceKind = "interface";
    private const string SourceKind = "source";
    private static readonly NftTable Table = NftTable.Parse("inet firewalld");

    /// <summary>Tells one load of firewalld's rules from the next; null where it does not run, or no client of it is here.</summary>
    public static string? Load(HostNetwork host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return File.Exists(Client) ? host.Nftables.HandleOf(Table) : null;
    }

    /// <summary>An interface in the zone that lets everything through.</summary>
    public static FirewalldMember Interface(string name) => new(Trusted, InterfaceKind, name);

    /// <summary>The addresses of an attachment, in the zone that its firewall plugin names; none where that keeps to iptables.</summary>
    /// <param name="list">The network list as it was at ADD.</param>
    /// <param name="result">What ADD answered; null for nothing yet.</param>
    public static IEnumerable<FirewalldMember> Of(NetworkList list, CniResult? result)
    {
        var config = ConfigOf(list);
        return result is null || config.WireBackend == "iptables"
            ? []
            : result.Ips.Select(ip => new FirewalldMember(config.Zone, SourceKind, Firewalld.Source(ip))).Distinct();
    }

    /// <summary>Adds what is not there yet, a call for each zone.</summary>
    /// <returns>What firewalld refused, in its words: what an administrator has put into another zone stays there.</returns>
    /// <exception cref="CniPluginException">firewalld does not answer.</exception>
    public static IReadOnlyList<string> Add(HostNetwork host, IReadOnlyCollection<FirewalldMember> members) =>
        Change(host, "add", members);

    /// <summary>Takes out what is there.</summary>
    /// <returns>What firewalld refused, in its words.</returns>
    /// <exception cref="CniPluginException">firewalld does not answer.</exception>
    public static IReadOnlyList<string> Remove(HostNetwork host, IReadOnlyCollection<FirewalldMember> members) =>
        Change(host, "remove", members);

    private static List<string> Change(HostNetwork host, string verb, IReadOnlyCollection<FirewalldMember> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        var refusals = new List<string>();
        foreach (var zone in members.GroupBy(member => member.Zone))
        {
            var exit = Firewalld.Run(host, [$"--zone={zone.Key}", .. zone.Select(member => $"--{verb}-{member.Kind}={member.Name}")]);
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
