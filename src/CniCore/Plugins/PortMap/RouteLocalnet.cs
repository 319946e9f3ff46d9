using System.Net;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CniCore.Plugins.Interfaces;
using CniCore.Spec;

namespace CniCore.Plugins.PortMap;

/// <summary>
/// <c>route_localnet</c>: only with it the kernel lets a container's answer to 127.0.0.1 in. It would let in what a neighbour sends there
/// of its own accord too, and <see cref="PortTable"/> drops that; so what was closed before is closed again when the table goes. What was
/// open stays open. In the namespace of the calling thread.
/// </summary>
internal static class RouteLocalnet
{
    private const string Opened = "opened";

    /// <summary>Lets through what the interface towards that container brings. The table stands: the attachment has elements in it.</summary>
    public static void OpenTowards(CidrAddress container)
    {
        using var route = RouteSocket.Open();
        var way = route.Routes()
            .Where(way => way.Destination.AddressFamily == container.Address.AddressFamily && new IPNetwork(way.Destination, way.PrefixLength).Contains(container.Address))
            .MaxBy(way => way.PrefixLength);
        if (way is not null && route.FindLink(way.LinkIndex) is { } link)
            Open(link.Name);
    }

    /// <summary>The end of the table: what has to be done when it is gone.</summary>
    public static Action Ending(Nftables nft)
    {
        var links = PortTable.Table.Elements(nft, Opened).Select(element => element.Key.Trim('"')).ToList();
        return () => links.ForEach(link => Close(nft, link));
    }

    private static void Open(string link)
    {
        if (Sysctl.Read(Key(link)) != "0")
            return;
        using var nft = Nftables.Open();
        nft.Run($"add element {PortTable.Name} {Opened} {{ \"{link}\" comment \"was closed\" }}\n");
        Sysctl.Write(Key(link), "1");
    }

    // An ADD in another process that made the table anew since may have found it open still; one that comes later finds it closed.
    private static void Close(Nftables nft, string link)
    {
        Sysctl.WriteIfThere(Key(link), "0");
        if (PortTable.Table.Exists(nft))
            Open(link);
    }

    private static string Key(string link) => $"net/ipv4/conf/{link}/route_localnet";
}
