using System.Net.Sockets;
using System.Security.Cryptography;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Plugins.Interfaces;
//MASQ using CniCore.Plugins.Masquerade;
using CniCore.Spec;

namespace CniCore.Plugins.Ptp;

/// <summary>A veth pair between host and container, with routes and without a bridge (plugins/main/ptp).</summary>
internal sealed class PtpPlugin : BuiltinPlugin
{
    private const string Kind = "veth";

    public override async Task<CniResult> AddAsync(BuiltinCall call, CancellationToken cancel)
    {
        var config = call.Read(PtpJson.Default.PtpConfig).Valid();
        if (call.IpamType.Length == 0)
            throw new CniPluginException(CniErrorCode.InvalidConfig, "ptp needs addresses: there is no ipam");
        using var space = ContainerNamespace.Open(call);
        return await AddressedBy.IpamAsync(call, addresses => Attach(call, config, space, addresses), cancel);
    }

    public override async Task DeleteAsync(BuiltinCall call, CancellationToken cancel)
    {
        try
        {
            Detach(call, call.Read(PtpJson.Default.PtpConfig));
        }
        finally
        {
            // Last: until now the address could still be answered from here.
            if (call.IpamType.Length > 0)
                await Ipam.ForwardAsync(call, cancel);
        }
    }

    public override async Task CheckAsync(BuiltinCall call, CancellationToken cancel)
    {
        using var space = ContainerNamespace.Open(call);
        if (call.IpamType.Length > 0)
            await Ipam.ForwardAsync(call, cancel);
        using var inside = RouteSocket.OpenIn(space);
        ContainerInterface.Check(inside, AttachedLink.Find(call, inside, Kind), call.PrevResult!);
    }

    public override Task CollectGarbageAsync(BuiltinCall call, CancellationToken cancel)
    {
        //MASQ Masquerading.RemoveAllBut(call.Network, call.Valid.Select(one => new AttachmentTag(call.Network, one.ContainerId, one.IfName).Identity));
        return call.IpamType.Length > 0 ? Ipam.ForwardAsync(call, cancel) : Task.CompletedTask;
    }

    public override Task StatusAsync(BuiltinCall call, CancellationToken cancel) =>
        call.IpamType.Length > 0 ? Ipam.ForwardAsync(call, cancel) : Task.CompletedTask;

    private static CniResult Attach(BuiltinCall call, PtpConfig config, NetworkNamespace space, CniResult addresses)
    {
        if (addresses.Ips.FirstOrDefault(ip => ip.Gateway is null) is { } alone)
            throw new CniPluginException(CniErrorCode.InvalidConfig, $"IPAM gave {alone.Address} no gateway: it is what ptp puts on the host's end");
        using var host = RouteSocket.Open();
        using var inside = RouteSocket.OpenIn(space);
        var (outer, inner) = CreatePair(call, config, space, host, inside);
        try
        {
            var result = addresses with
            {
                Interfaces = [new() { Name = outer.Name, Mac = outer.Mac }, new() { Name = inner.Name, Mac = inner.Mac, Sandbox = call.NetNs }],
                Ips = [.. addresses.Ips.Select(ip => ip with { Interface = 1 })],
                Dns = config.SaidDns ?? addresses.Dns,
            };
            Forward(result);
            ContainerInterface.Configure(space, inside, inner, result);
            PtpRoutes.SetInside(inside, inner, result.Ips);
            PtpRoutes.SetOnHost(host, outer, result.Ips);
//MASQ             if (config.IpMasq == true)
                //MASQ Masquerading.Add(call.Tag, result.Ips.Select(ip => ip.Address));
            return result;
        }
        catch
        {
            AttachedLink.Delete(inside, call.IfName);
            throw;
        }
    }

    private static (Link Outer, Link Inner) CreatePair(BuiltinCall call, PtpConfig config, NetworkNamespace space, RouteSocket host, RouteSocket inside)
    {
        string name;
        do
            name = "veth" + RandomNumberGenerator.GetHexString(8, lowercase: true);
        while (host.FindLink(name) is not null);
        host.CreateVeth(new VethPair(name, call.IfName) { Mtu = config.Mtu > 0 ? config.Mtu : null, PeerSpace = space });
        var outer = host.FindLink(name)!;
        Sysctl.WriteIfThere($"net/ipv6/conf/{name}/accept_ra", "0"); // the routes of this end are ours
        host.SetUp(outer.Index);
        return (outer, inside.FindLink(call.IfName)!);
    }

    private static void Forward(CniResult result)
    {
        if (result.Ips.Any(ip => ip.Address.Address.AddressFamily == AddressFamily.InterNetwork))
            Sysctl.Write("net/ipv4/ip_forward", "1");
        if (result.Ips.Any(ip => ip.Address.Address.AddressFamily == AddressFamily.InterNetworkV6))
            Sysctl.Write("net/ipv6/conf/all/forwarding", "1");
    }

    // What DEL was told and what the link has: either may be missing by now.
    private static void Detach(BuiltinCall call, PtpConfig config)
    {
        List<CidrAddress> addresses = [.. call.PrevResult?.Ips.Select(ip => ip.Address) ?? []];
        using (var space = ContainerNamespace.Find(call))
        {
            if (space is null)
            {
                DeleteOuter(call);
            }
            else
            {
                using var inside = RouteSocket.OpenIn(space);
                if (inside.FindLink(call.IfName) is { } link)
                    addresses.AddRange(inside.Addresses(link.Index).Select(one => new CidrAddress(one.Address, one.PrefixLength)));
                AttachedLink.Delete(inside, call.IfName);
            }
        }
//MASQ         if (config.IpMasq == true)
            //MASQ Masquerading.Remove(call.Tag, addresses.Distinct());
    }

    // Without its path the namespace may live on, and the pair with it. The MAC says that the name is not somebody else's by now.
    private static void DeleteOuter(BuiltinCall call)
    {
        using var host = RouteSocket.Open();
        foreach (var outer in call.PrevResult?.Interfaces.Where(one => string.IsNullOrEmpty(one.Sandbox)) ?? [])
        {
            if (host.FindLink(outer.Name) is { Kind: Kind } link && link.Mac.Equals(outer.Mac, StringComparison.OrdinalIgnoreCase))
                AttachedLink.Delete(host, link.Name);
        }
    }
}
