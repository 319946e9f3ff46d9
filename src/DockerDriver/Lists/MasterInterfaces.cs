using System.Globalization;
using System.Text;
using System.Text.Json;
using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace DockerDriver.Lists;

/// <summary>The host interfaces that plugins build on (<c>master</c>); they must exist before any container.</summary>
internal static class MasterInterfaces
{
    private const string Key = "master";
    private const int MaxVlan = 4094;
    private const int MaxNames = 8;

    // The reference plugins with this key. host-device has "device", which is in a container while it is used.
    private static readonly HashSet<string> Builders = ["macvlan", "ipvlan", "vlan"];

    /// <summary>A message for each missing interface, with a solution.</summary>
    public static IEnumerable<string> Missing(NetworkList list)
    {
        List<(PluginType Type, JsonElement Name)> wanted = [.. list.Plugins.SelectMany(MasterOf)];
        if (wanted.Count == 0)
            return [];
        using var routes = RouteSocket.Open();
        var names = routes.Links().Where(link => link.Name != "lo" && link.Kind != "veth").Select(link => link.Name).ToList();
        return [.. wanted.Where(master => !Exists(routes, master.Name.GetString()!))
            .Select(master => Fault(master.Type, master.Name, names, routes))];
    }

    private static string Fault(PluginType type, JsonElement name, List<string> names, RouteSocket routes)
    {
        var has = names.Count == 0 ? "" : $" ({string.Join(", ", names.Take(MaxNames))}{(names.Count > MaxNames ? ", …" : "")})";
        return $"{type} needs the master {name.GetRawText()}, and this host has no such interface: set \"{Key}\" to an existing "
            + $"interface{has} (-o "
            + $"cni.{Key}=NAME), or create it: {CreateCommand(name.GetString()!, routes)}";
    }

    // eth0.100 means VLAN 100 of eth0, as for the parent of Docker's macvlan.
    private static string CreateCommand(string name, RouteSocket routes)
    {
        var dot = name.LastIndexOf('.');
        var isVlan = dot > 0 && Exists(routes, name[..dot])
            && int.TryParse(name[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var vlan)
                && vlan is >= 1 and <= MaxVlan;
        var made = isVlan
            ? $"ip link add link {name[..dot]} name {name} type vlan id {name[(dot + 1)..]}"
            : $"ip link add {name} type bridge";
        return $"{made} && ip link set {name} up";
    }

    // Without a master, macvlan and ipvlan use the interface of the default route; with linkInContainer it is in another namespace.
    private static IEnumerable<(PluginType Type, JsonElement Name)> MasterOf(PluginConfig plugin)
    {
        if (Builders.Contains(plugin.Type.ToString())
            && !(plugin.Json.TryGetProperty("linkInContainer", out var inside) && inside.ValueKind == JsonValueKind.True)
            && plugin.Json.TryGetProperty(Key, out var name) && name.ValueKind == JsonValueKind.String && name.GetString()!.Length > 0)
            yield return (plugin.Type, name);
    }

    private static bool Exists(RouteSocket routes, string name) =>
        Encoding.UTF8.GetByteCount(name) <= InterfaceName.MaxBytes && routes.FindLink(name) is not null;
}
