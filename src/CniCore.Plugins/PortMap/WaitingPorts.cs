using System.Net;
using CniCore.Firewall;
using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace CniCore.Plugins.PortMap;

/// <summary>
/// Ports that another attachment of the same container has. They wait in <see cref="PortTable"/> until that one is removed, and are mapped
/// then. With the reference, the rules of both exist and the first counts.
/// </summary>
internal sealed class WaitingPorts(RuleTable table)
{
    private const int ENOENT = 2;

    /// <summary>The element of a waiting port. All host addresses are written as the unspecified address.</summary>
    public static RuleElement Of(RuleElement port)
    {
        var family = port.Set[^1..];
        var key = PortKey.Parse(port.Key);
        var host = key.Host ?? (family == "4" ? IPAddress.Any : IPAddress.IPv6Any);
        return new("later" + family, $"{port.Value.Split(" . ")[0]} . {host} . {key.Protocol} . {key.Port}", port.Comment, port.Value);
    }

    /// <summary>
    /// Records them. A table of an older version has no set for them: then the port is gone with the attachment that has it.
    /// </summary>
    public void Add(IReadOnlyList<RuleElement> ports)
    {
        try
        {
            table.Share([.. ports.Select(Of)]);
        }
        catch (NetlinkException fault) when (fault.Errno == ENOENT)
        {
        }
    }

    /// <summary>Maps ports that waited for one of these. Only the same container can have a waiting port.</summary>
    /// <param name="gone">The elements that were removed from the table.</param>
    /// <returns>The elements that are mapped now.</returns>
    public IReadOnlyList<RuleElement> TakeOver(IReadOnlyList<RuleElement> gone)
    {
        var free = gone.Where(element => element.Set[..^1] is "any" or "at").Select(element => (element.Set, element.Key)).ToHashSet();
        var mapped = new List<RuleElement>();
        foreach (var family in free.Select(port => port.Set[^1..]).Distinct().ToList())
        {
            foreach (var waiting in table.Elements("later" + family))
            {
                var port = PortOf(waiting);
                if (!free.Remove((port.Set, port.Key)))
                    continue; // of another port, or an earlier one gets it
                table.Add([port], _ => false);
                table.Delete(_ => false, () => [waiting]);
                mapped.Add(port);
            }
        }
        return mapped;
    }

    private static RuleElement PortOf(RuleElement waiting)
    {
        var (family, parts) = (waiting.Set[^1..], waiting.Key.Split(" . ", 3));
        return AddressText.Parse(parts[1]) is var host && (host.Equals(IPAddress.Any) || host.Equals(IPAddress.IPv6Any))
            ? new("any" + family, parts[2], waiting.Comment, waiting.Value)
            : new("at" + family, $"{host} . {parts[2]}", waiting.Comment, waiting.Value);
    }
}
