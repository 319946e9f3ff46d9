using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Spec;
using DockerDriver.Configuration;
using DockerDriver.State;

namespace DockerDriver.Sandboxes;

/// <summary>
/// The namespaces of ours in which plugins run while Docker has no sandbox to offer: before Join, and for a DEL whose sandbox is gone.
/// One an endpoint, pinned under the run folder by the endpoint's id.
/// </summary>
internal sealed class HoldingNamespaces(Settings settings)
{
    /// <summary>
    /// The name of the interface inside, where every attachment is alone, and the one plugins remember. libnetwork names it anew in the
    /// sandbox.
    /// </summary>
    public static readonly InterfaceName IfName = InterfaceName.Parse("eth0");

    public string PathOf(StoredEndpoint endpoint) => Path.Combine(settings.NamespacesFolder, endpoint.Id);

    public bool Exists(StoredEndpoint endpoint) => NetworkNamespace.IsAt(PathOf(endpoint));

    public NetworkNamespace Create(StoredEndpoint endpoint)
    {
        Remove(endpoint);
        return NetworkNamespace.CreatePinned(PathOf(endpoint));
    }

    public void Remove(StoredEndpoint endpoint) => NetworkNamespace.Unpin(PathOf(endpoint));

    /// <summary>Removes those no endpoint owns: left by a daemon that was killed.</summary>
    public void RemoveAllBut(IReadOnlySet<string> owners)
    {
        if (!Directory.Exists(settings.NamespacesFolder))
            return;
        foreach (var path in Directory.EnumerateFiles(settings.NamespacesFolder).Where(path => !owners.Contains(Path.GetFileName(path))))
            NetworkNamespace.Unpin(path);
    }

    /// <summary>
    /// Puts something in the place of an interface that died with its sandbox. The reference plugins find what they have to clean up
    /// by the live interface's addresses (bridge's masquerade rules): without one they would leave it behind and report success. Once:
    /// where the rules are gone as well, they fail over that, and would for ever.
    /// </summary>
    public static void CreatePlaceholder(string holding, StoredEndpoint endpoint, CniResult? result)
    {
        using var space = NetworkNamespace.Open(holding);
        using var route = RouteSocket.OpenIn(space);
        route.CreateVeth(HoldingNamespaces.IfName.ToString(), endpoint.HostName);
        RestoreAddresses(route, result);
    }

    /// <summary>Removes it again, where no plugin has.</summary>
    public static void RemovePlaceholder(string holding)
    {
        using var space = NetworkNamespace.Open(holding);
        using var route = RouteSocket.OpenIn(space);
        if (route.FindLink(HoldingNamespaces.IfName.ToString()) is { } link)
            route.DeleteLink(link.Index);
    }

    /// <summary>Gives an interface back the addresses it lost on the way, and lets it up.</summary>
    public static void RestoreAddresses(RouteSocket route, CniResult? result)
    {
        var link = route.FindLink(HoldingNamespaces.IfName.ToString())!;
        var present = route.Addresses(link.Index).Select(address => address.Address).ToHashSet();
        foreach (var ip in result?.Ips ?? [])
        {
            if (!present.Contains(ip.Address.Address))
                route.AddAddress(link.Index, ip.Address.Address, ip.Address.PrefixLength);
        }
        route.SetUp(link.Index);
    }
}
