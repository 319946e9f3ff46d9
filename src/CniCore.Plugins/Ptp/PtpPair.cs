using CniCore.Linux;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Plugins.Bridge;
using CniCore.Plugins.Interfaces;
using CniCore.Spec;

namespace CniCore.Plugins.Ptp;

/// <summary>The veth pair of one attachment, with its routes.</summary>
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

    /// <summary>First step of ADD: creates the pair and sets the host end up.</summary>
    /// <exception cref="CniPluginException">The container has an interface with that name.</exception>
    public static PtpPair Make(BuiltinCall call, PtpConfig config, NetworkNamespace netns, RouteSocket host, RouteSocket inside)
    {
        var name = BridgePort.NameOf(call);
        AttachedLink.MakeWay(host, name, inside, call.IfName);
        host.CreateVeth(new VethPair(name, call.IfName) { Mtu = config.Mtu > 0 ? config.Mtu : null, PeerNetns = netns });
        try
        {
            var outer = host.FindLink(name)!;
            call.Host.Inside(() => Sysctl.WriteIfThere($"net/ipv6/conf/{name}/accept_ra", "0")); // the routes of this end are set here
            host.SetUp(outer.Index);
            return new(netns, host, inside, outer, inside.FindLink(call.IfName)!);
        }
        catch
        {
            AttachedLink.Delete(host, name);
            throw;
        }
    }

    /// <summary>Second step of ADD: configures the addresses.</summary>
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

    /// <summary>DEL. The host end is found by its name, even if the namespace is gone.</summary>
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
        AttachedLink.Delete(inside, call.IfName); // made by another ptp plugin: the name of its host end is unknown
    }

    /// <summary>CHECK of the host's side.</summary>
    /// <exception cref="CniPluginException">The masquerade is missing.</exception>
    public static void CheckOutside(BuiltinCall call, PtpConfig config)
    {
        if (config.IpMasq == true && !call.Firewall.Masquerade.Has(call.Tag, call.Translations))
            throw new CniPluginException(CniErrorCode.Internal, $"the masquerade of {call.ContainerId} {call.IfName} is not in force");
    }
}
