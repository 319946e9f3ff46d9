using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Plugins.Interfaces;
using CniCore.Spec;

namespace CniCore.Plugins.Loopback;

/// <summary>
/// Sets the container's <c>lo</c> up, whatever interface the call names (plugins/main/loopback). Returns a previous result unchanged.
/// </summary>
internal sealed class LoopbackPlugin : BuiltinPlugin
{
    private const string Name = "lo";

    public override Task<CniResult> AddAsync(BuiltinCall call, CancellationToken cancel)
    {
        using var netns = ContainerNamespace.Open(call);
        using var inside = RouteSocket.OpenIn(netns);
        var link = Find(inside);
        // Checked before it is set up: a refusal changes nothing.
        if (inside.Addresses(link.Index).FirstOrDefault(address => !IPAddress.IsLoopback(address.Address)) is { } odd)
            throw new CniPluginException(CniErrorCode.Internal, $"loopback interface found with non-loopback address \"{odd.Address}\"");
        inside.SetUp(link.Index);
        return Task.FromResult(call.PrevResult ?? ResultOf(call, inside.Addresses(link.Index)));
    }

    public override Task DeleteAsync(BuiltinCall call, CancellationToken cancel)
    {
        using var netns = ContainerNamespace.Find(call);
        if (netns is null)
            return Task.CompletedTask;
        using var inside = RouteSocket.OpenIn(netns);
        inside.SetDown(Find(inside).Index);
        return Task.CompletedTask;
    }

    public override Task CheckAsync(BuiltinCall call, CancellationToken cancel)
    {
        using var netns = ContainerNamespace.Open(call);
        using var inside = RouteSocket.OpenIn(netns);
        return Find(inside).IsUp ? Task.CompletedTask : throw new CniPluginException(CniErrorCode.Internal, "loopback interface is down");
    }

    private static Link Find(RouteSocket inside) =>
        inside.FindLink(Name) ?? throw new CniPluginException(CniErrorCode.Internal, "the namespace has no lo");

    // The first address of each family, IPv4 first.
    private static CniResult ResultOf(BuiltinCall call, IReadOnlyList<LinkAddress> addresses) => new()
    {
        CniVersion = call.CniVersion,
        Interfaces = [new() { Name = Name, Mac = "00:00:00:00:00:00", Sandbox = call.NetNs }],
        Ips = [.. new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 }
            .Select(family => addresses.FirstOrDefault(address => address.Address.AddressFamily == family))
            .OfType<LinkAddress>()
            .Select(address => new CniAddress { Interface = 0, Address = new(address.Address, address.PrefixLength) })],
    };
}
