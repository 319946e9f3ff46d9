using CniCore.Linux;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Plugins.Bridge;
using CniCore.Plugins.Interfaces;
using CniCore.Spec;

namespace CniCore.Plugins.Ptp;

/// <summary>The pair of one attachment, with all that leads to it.</summary>
internal sealed class PtpPair
{
    public const string Kind = "veth";
    private readonly NetworkNamespace netns;
    private readonly RouteSocket host;
    private readonly RouteSocket inside;
    private readonly Link outer;
    private readonly Link inner;

    private PtpPair(NetworkNamespace netns, RouteSocket host, RouteSocket inside, Link outer, Link inner) =>
        (this.netns, this.host, this.inside, this.outer, this.inner) = (netns, host, inside, outer, inner);

    /// <summary>ADD, first: the two ends, the host's up.</summary>
    /// <exception cref="CniPluginException">The container has an interface of that name.</exception>
    public static PtpPair Make(BuiltinCall call, PtpConfig config, NetworkNamespace netns, RouteSocket host, RouteSocket inside)
    {
        var name = BridgePort.NameOf(call);
        AttachedLink.MakeWay(host, name, inside, call.IfName);
        host.CreateVeth(new VethPair(name, call.IfName) { Mtu = config.Mtu > 0 ? config.Mtu : null, PeerNetns = netns });
        try
        {
            var outer = host.FindLink(name)!;
            call.Host.Inside(() => Sysctl.WriteIfThere($"net/ipv6/conf/{name}/accept_ra", "0")); // the routes of this end are ours
            host.SetUp(outer.Index);
            return new(netns, host, inside, outer, inside.FindLink(call.IfName)!);
        }
        catch
        {
            AttachedLink.Delete(host, name);
            throw;
        }
    }

    /// <summary>ADD, once there are addresses.</summary>
    /// <exception cref="CniPluginException">An address has no gateway.</exception>
    public CniResult Configure(BuiltinCall call, PtpConfig config, CniResult addresses)
    {
        if (addresses.Ips.FirstOrDefault(ip => ip.Gateway is null) is { } alone)
            throw new CniPluginException(CniErrorCode.InvalidConfig,
                $"IPAM gave {alone.Address} no gateway: it is what ptp puts on the host's end");
        var result = addresses with
        {
            Interfaces = [new() { Name = outer.Name, Mac = outer.Mac }, new() { Name = inner.Name, Mac = inner.Mac, Sandbox = call.NetNs }],
            Ips = [.. addresses.Ips.Select(ip => ip with { Interface = 1 })],
            Dns = config.SaidDns ?? addresses.Dns,
        };
        new HostForwarding(call.Host).Enable(result.Ips.Select(ip => ip.Address.Address.AddressFamily));
        ContainerInterface.Configure(netns, inside, inner, result);
        PtpRoutes.SetInside(inside, inner, result.Ips);
        PtpRoutes.SetOnHost(host, outer, result.Ips);
        if (config.IpMasq == true)
            call.Firewall.Masquerade.Add(call.Tag, BuiltinCall.TranslationsOf(result));
        return result;
    }

    /// <summary>DEL. The host's end is found by its name, whatever has become of the namespace.</summary>
    public static void Remove(BuiltinCall call, PtpConfig config)
    {
        if (config.IpMasq == true)
            call.Firewall.Masquerade.Remove(call.Tag, call.Translations);
        using (var host = call.Host.OpenRoutes())
            AttachedLink.Delete(host, BridgePort.NameOf(call));
        using var netns = ContainerNamespace.Find(call);
        if (netns is null)
            return;
        using var inside = RouteSocket.OpenIn(netns);
        AttachedLink.Delete(inside, call.IfName); // of another ptp plugin, whose host end has a name we cannot know
    }

    /// <summary>CHECK of what is on the host.</summary>
    /// <exception cref="CniPluginException">The masquerade is gone.</exception>
    public static void CheckOutside(BuiltinCall call, PtpConfig config)
    {
        if (config.IpMasq == true && !call.Firewall.Masquerade.Has(call.Tag, call.Translations))
            throw new CniPluginException(CniErrorCode.Internal, $"the masquerade of {call.ContainerId} {call.IfName} is not in force");
    }
}
