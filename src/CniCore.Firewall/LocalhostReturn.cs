using System.Net;
using System.Net.Sockets;
using CniCore.Linux;
using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace CniCore.Firewall;

/// <summary>
/// Makes answers to 127.0.0.1 and ::1 pass, where the kernel does not expect them. IPv4 needs <c>route_localnet</c>, which would also
/// accept a neighbour's packets to 127.0.0.0/8. IPv6 needs a route for the address at that interface. <see cref="PortTable"/> drops a
/// neighbour's packets. Both are undone when the table is removed, unless they were there before.
/// </summary>
internal sealed class LocalhostReturn(HostNetwork host, RuleTable table)
{
    private const string Opened = "opened";
    private const int EEXIST = 17;
    private const int Metric = 2048; // lo has the lower metric

    /// <summary>Lets the answers of these containers pass. The table exists, since the attachment has elements in it.</summary>
    /// <param name="containers">The addresses of the containers.</param>
    /// <param name="isAgain">Whether this restores what a flush of the table removed.</param>
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

    /// <summary>What to do after the table is removed.</summary>
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

    // An administrator who wants it otherwise sets it for future interfaces, or for all: nobody else knows this interface's name.
    private bool IsOpenedByUs(string link) =>
        table.Find(Opened + "4", $"\"{link}\"") is null && Read(Key("default")) == "0" && Read(Key("all")) == "0";

    // The reference has nothing for ::1, so a kernel without support is no error. Where bridged packets pass iptables, they get their old
    // address back too early and are dropped; ::1 is not mapped then.
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

    // An ADD in another process that created the table again meanwhile may have found this set. A later one finds it unset.
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
                continue; // it is gone already
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
