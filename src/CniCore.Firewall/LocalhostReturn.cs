using System.Net;
using System.Net.Sockets;
using CniCore.Linux;
using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace CniCore.Firewall;

/// <summary>
/// Who calls a container through 127.0.0.1 or ::1 gets an answer that comes in at an interface where the kernel expects none to that
/// address. For IPv4 it asks <c>route_localnet</c>; that would let in what a neighbour sends there of its own accord too, and
/// <see cref="PortTable"/> drops it. For IPv6 it wants a route: the address is looked up at that interface alone; there it drops by itself
/// what a neighbour sends. Either is undone when the table goes, unless it was there before us.
/// </summary>
internal sealed class LocalhostReturn(HostNetwork host, RuleTable table)
{
    private const string Opened = "opened";
    private const int EEXIST = 17;
    private const int Metric = 2048; // lo has the better way

    /// <summary>Lets the answers of these containers in. The table stands: the attachment has elements in it.</summary>
    /// <param name="containers">Their addresses.</param>
    /// <param name="isAgain">They had it, and somebody has flushed the table that says so.</param>
    public void Open(IEnumerable<CidrAddress> containers, bool isAgain = false)
    {
        using var route = host.OpenRoutes();
        foreach (var container in containers.Select(container => container.Address))
        {
            if (route.FindWayTo(container) is not { } link)
                continue;
            if (container.AddressFamily == AddressFamily.InterNetwork)
                OpenV4(link.Name, isAgain);
            else
                OpenV6(route, link);
        }
    }

    /// <summary>The end of the table: what has to be done when it is gone.</summary>
    public Action Ending()
    {
        var left = table.Elements();
        var (v4, v6) = (Links(left, "4"), Links(left, "6"));
        return () =>
        {
            v4.ForEach(link => CloseV4(link));
            if (v6.Count > 0)
                CloseV6(v6);
        };
    }

    private void OpenV4(string link, bool isAgain = false)
    {
        if (Read(Key(link)) != "0" && !(isAgain && IsOpenedByUs(link)))
            return;
        table.Share(Opening("4", link));
        host.Inside(() => Sysctl.Write(Key(link), "1"));
    }

    // Whoever wants it otherwise sets it for interfaces to come, or for all; nobody else knows one of ours by its name.
    private bool IsOpenedByUs(string link) =>
        table.Find(Opened + "4", $"\"{link}\"") is null && Read(Key("default")) == "0" && Read(Key("all")) == "0";

    // The reference has nothing for ::1, so a kernel that does not do this is no reason to refuse. Where a bridge sends its packets through
    // the rules itself, they have their old address back too early, and the kernel drops them as a neighbour's; ::1 is then not mapped.
    private void OpenV6(RouteSocket route, Link link)
    {
        if (Read("net/bridge/bridge-nf-call-ip6tables") == "1")
            return;
        try
        {
            route.AddLocalRoute(link.Index, IPAddress.IPv6Loopback, Metric);
        }
        catch (NetlinkException fault) when (fault.Errno == EEXIST)
        {
            if (table.Find(Opened + "6", $"\"{link.Name}\"") is not null)
                return;
        }
        catch (NetlinkException)
        {
            return;
        }
        table.Share(new("localhost6", "::1", ""), Opening("6", link.Name));
    }

    // An ADD in another process that made the table anew since may have found it open still; one that comes later finds it closed.
    private void CloseV4(string link)
    {
        host.Inside(() => Sysctl.WriteIfThere(Key(link), "0"));
        if (table.Exists())
            OpenV4(link);
    }

    private void CloseV6(List<string> names)
    {
        using var route = host.OpenRoutes();
        foreach (var link in names.Select(route.FindLink).OfType<Link>())
        {
            try
            {
                route.DeleteLocalRoute(link.Index, IPAddress.IPv6Loopback, Metric);
            }
            catch (NetlinkException)
            {
                continue; // somebody else took it away
            }
            if (table.Exists())
                OpenV6(route, link);
        }
    }

    private static List<string> Links(IEnumerable<RuleElement> elements, string family) =>
        [.. elements.Where(element => element.Set == Opened + family).Select(element => element.Key.Trim('"'))];

    private static RuleElement Opening(string family, string link) => new(Opened + family, $"\"{link}\"", "was closed");

    private string? Read(string key) => host.Inside(() => Sysctl.Read(key));

    private static string Key(string link) => $"net/ipv4/conf/{link}/route_localnet";
}
