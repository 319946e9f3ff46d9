using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Plugins.Firewall;

/// <summary>
/// Where an attachment's packets pass the host: a bridge or a host-side interface, which attachments may share; or, where the plugins
/// before tell of none, one of its addresses.
/// </summary>
/// <param name="Interface">The interface; null for an address.</param>
/// <param name="Address">The address; null for an interface.</param>
internal readonly record struct Passage(string? Interface, IPAddress? Address)
{
    /// <summary>The families it can be met in.</summary>
    public bool IsOf(AddressFamily family) => Address is null || Address.AddressFamily == family;

    /// <summary>What comes from there.</summary>
    public FilterMatch From => new(true, Interface, Address);

    /// <summary>What goes there.</summary>
    public FilterMatch To => new(false, Interface, Address);

    /// <summary>As a key of an nftables set.</summary>
    public string Key => Interface is not null ? $"\"{Interface}\"" : $"{Address}";

    /// <summary>
    /// The passages of a result: its interfaces on the host that are no bridge's port, and not the container's end on its way in; else the
    /// container's addresses. In the namespace of the calling thread.
    /// </summary>
    public static IReadOnlyList<Passage> Of(CniResult result)
    {
        using var route = RouteSocket.Open();
        List<Passage> interfaces = [.. result.Interfaces
            .Where((one, index) => string.IsNullOrEmpty(one.Sandbox) && result.Ips.All(ip => ip.Interface != index))
            .Select(one => route.FindLink(one.Name))
            .OfType<Link>()
            .Where(link => link.MasterIndex == 0)
            .Select(link => new Passage(link.Name, null))];
        return interfaces.Count > 0 ? interfaces : [.. result.Ips.Select(ip => new Passage(null, ip.Address.Address)).Distinct()];
    }
}
