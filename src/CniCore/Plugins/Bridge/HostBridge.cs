using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Netlink;
using CniCore.Plugins.Interfaces;
using CniCore.Spec;

namespace CniCore.Plugins.Bridge;

/// <summary>The bridge itself, on the host: made by the first attachment, shared by all.</summary>
internal static class HostBridge
{
    /// <summary>What an unused bridge must carry as its alias to be ours to remove.</summary>
    public const string Alias = "made by cnid";

    private const int EEXIST = 17;
    private const int Unfinished = 0x636e6964; // "cnid", its group until it has the alias: who made it may be killed in between

    /// <summary>Finds or makes it, and sets it up.</summary>
    /// <exception cref="CniPluginException">Something else has the name.</exception>
    public static Link Ensure(RouteSocket host, BridgeSettings settings)
    {
        var config = settings.Config;
        var bridge = host.FindLink(settings.Name) is { Group: not Unfinished } known ? known : Make(host, settings);
        if (bridge.Kind != "bridge")
            throw new CniPluginException(CniErrorCode.Internal, $"\"{settings.Name}\" already exists but is not a bridge");
        if (config.PromiscMode)
            host.SetPromiscuous(bridge.Index, true);
        if (!bridge.IsUp)
            host.SetUp(bridge.Index);
        return bridge;
    }

    /// <summary>How it is now that it has one port more: another's bridge may have taken that one's MAC.</summary>
    public static Link WithPort(RouteSocket host, Link bridge) => bridge.Alias == Alias ? bridge : host.FindLink(bridge.Index) ?? bridge;

    /// <summary>Gives an interface of the host the gateways' addresses.</summary>
    /// <exception cref="CniPluginException">It has others, and may not lose them.</exception>
    public static void SetGateways(RouteSocket host, Link link, IEnumerable<CidrAddress> gateways, bool force)
    {
        var present = host.Addresses(link.Index);
        foreach (var gateway in gateways)
        {
            if (present.Any(one => one.Address.Equals(gateway.Address) && one.PrefixLength == gateway.PrefixLength))
                continue;
            foreach (var other in present.Where(one => IsInTheWay(one, gateway)))
            {
                if (!force)
                    throw new CniPluginException(CniErrorCode.Internal, $"\"{link.Name}\" already has an IP address different from {gateway}");
                host.DeleteAddress(link.Index, other.Address, other.PrefixLength);
            }
            try
            {
                host.AddAddress(link.Index, gateway.Address, gateway.PrefixLength);
                host.SetMac(link.Index, link.Mac); // a gateway keeps its MAC, whichever ports come and go
            }
            catch (NetlinkException fault) when (fault.Errno == EEXIST)
            {
                // Another attachment was quicker.
            }
        }
    }

    /// <summary>Packets pass from one interface to another.</summary>
    public static void Forward(IEnumerable<CidrAddress> gateways)
    {
        foreach (var family in gateways.Select(gateway => gateway.Address.AddressFamily).Distinct())
            Sysctl.Write(family == AddressFamily.InterNetwork ? "net/ipv4/ip_forward" : "net/ipv6/conf/all/forwarding", "1");
    }

    /// <summary>Removes it, if it is ours and has no port.</summary>
    public static void RemoveUnused(RouteSocket host, string name)
    {
        if (host.FindLink(name) is { Kind: "bridge" } bridge && (bridge.Alias == Alias || bridge.Group == Unfinished) && !host.Links().Any(link => link.MasterIndex == bridge.Index))
            host.DeleteLink(bridge.Index);
    }

    private static Link Make(RouteSocket host, BridgeSettings settings)
    {
        var name = settings.Name;
        try
        {
            host.CreateBridge(name, settings.Mtu, settings.FiltersVlans, Unfinished);
        }
        catch (NetlinkException fault) when (fault.Errno == EEXIST)
        {
            // Another attachment was quicker; or was killed before it was done.
        }
        var bridge = host.FindLink(name)!;
        if (bridge.Group != Unfinished)
            return bridge;
        host.SetAlias(bridge.Index, Alias);
        host.SetMac(bridge.Index, bridge.Mac); // else it takes its ports' lowest one, and changes with them
        Sysctl.WriteIfThere($"net/ipv6/conf/{name}/accept_ra", "0");
        host.SetUp(bridge.Index);
        return bridge;
    }

    // One IPv4 subnet a bridge, and no two IPv6 subnets that overlap; link-local ones are the kernel's.
    private static bool IsInTheWay(LinkAddress one, CidrAddress gateway)
    {
        if (one.Address.AddressFamily != gateway.Address.AddressFamily || one.Address.IsIPv6LinkLocal)
            return false;
        return one.Address.AddressFamily == AddressFamily.InterNetwork
            || gateway.Network.Contains(one.Address) || new CidrAddress(one.Address, one.PrefixLength).Network.Contains(gateway.Address);
    }
}
