using System.Text;
using System.Text.Json;
using CniCore.Linux.Netlink;
using CniCore.Spec;

namespace DockerDriver.Lists;

/// <summary>The host's interfaces that plugins build on: those must be there before any container is.</summary>
internal static class HostLinks
{
    private const string Key = "master";
    private const int LongestName = 15;

    // The reference plugins that have the key. host-device has a device, which is in a container while it is used.
    private static readonly HashSet<string> Builders = ["macvlan", "ipvlan", "vlan"];

    public static IEnumerable<string> Missing(NetworkList list)
    {
        List<(PluginType Type, JsonElement Name)> wanted = [.. list.Plugins.SelectMany(MasterOf)];
        if (wanted.Count == 0)
            return [];
        using var routes = RouteSocket.Open();
        return [.. wanted.Where(one => !IsThere(routes, one.Name.GetString()!)).Select(one => $"{one.Type} builds on {one.Name.GetRawText()}, and this host has no such interface")];
    }

    // Without a master macvlan and ipvlan take the interface of the default route; with linkInContainer it is another's.
    private static IEnumerable<(PluginType Type, JsonElement Name)> MasterOf(PluginConfig plugin)
    {
        if (Builders.Contains(plugin.Type.ToString())
            && !(plugin.Json.TryGetProperty("linkInContainer", out var inside) && inside.ValueKind == JsonValueKind.True)
            && plugin.Json.TryGetProperty(Key, out var name) && name.ValueKind == JsonValueKind.String && name.GetString()!.Length > 0)
            yield return (plugin.Type, name);
    }

    private static bool IsThere(RouteSocket routes, string name) => Encoding.UTF8.GetByteCount(name) <= LongestName && routes.FindLink(name) is not null;
}
