using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Spec;
using DockerDriver.Configuration;
using DockerDriver.State;

namespace DockerDriver.Sandboxes;

/// <summary>
/// The netns in which plugins run while there is no sandbox: before Join, and for a DEL whose sandbox is gone. One per endpoint, pinned in
/// the run folder under the endpoint's id.
/// </summary>
internal sealed class HoldingNamespaces(Settings settings)
{
    /// <summary>
    /// CNI_IFNAME of every endpoint, since it is alone in its holding namespace. libnetwork renames the interface in the sandbox.
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

    /// <summary>Removes the namespaces that no endpoint owns: a daemon that was killed left them.</summary>
    public void RemoveAllBut(IReadOnlySet<string> owners)
    {
        if (!Directory.Exists(settings.NamespacesFolder))
            return;
        foreach (var path in Directory.EnumerateFiles(settings.NamespacesFolder).Where(path => !owners.Contains(Path.GetFileName(path))))
            NetworkNamespace.Unpin(path);
    }

    /// <summary>
    /// Creates an interface in place of one that was destroyed with its sandbox. The reference plugins find what to clean up by the
    /// addresses of the interface (bridge's masquerade rules): without one they leave it behind and report success. Tried once: where the
    /// rules are gone too, they fail with it, every time.
    /// </summary>
    public static void CreatePlaceholder(string holding, StoredEndpoint endpoint, CniResult? result)
    {
        using var netns = NetworkNamespace.Open(holding);
        using var route = RouteSocket.OpenIn(netns);
        route.CreateVeth(HoldingNamespaces.IfName.ToString(), endpoint.HostName);
        RestoreAddresses(route, result);
    }

    /// <summary>Removes the placeholder where no plugin has.</summary>
    public static void RemovePlaceholder(string holding)
    {
        using var netns = NetworkNamespace.Open(holding);
        using var route = RouteSocket.OpenIn(netns);
        if (route.FindLink(HoldingNamespaces.IfName.ToString()) is { } link)
            route.DeleteLink(link.Index);
    }

    /// <summary>Adds the addresses that the interface lost when it was moved, and sets it up.</summary>
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
