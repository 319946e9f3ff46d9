using System.Text.Json;

namespace DockerDriver.Networks;

/// <summary>
/// The plugins that are known to keep what they have in the kernel and in local files: after a reboot there is nothing of theirs that
/// another host could miss. Any other may have told a server of the attachment, and only its DEL takes that back.
/// </summary>
internal static class LocalPlugins
{
    // containernetworking/plugins, and the one that every list is given. dhcp: its client's memory is gone with the boot, and the
    // lease ends by its own time.
    private static readonly HashSet<string> Types = new(StringComparer.Ordinal)
    {
        "bridge", "ptp", "macvlan", "ipvlan", "vlan", "host-device", "dummy", "tap", "loopback",
        "host-local", "static", "dhcp",
        "portmap", "firewall", "tuning", "bandwidth", "sbr", "vrf",
        "cnid-admission",
    };

    /// <summary>Whether all plugins of the list are, its IPAM plugins among them.</summary>
    public static bool AreAllOf(JsonElement list) =>
        list.GetProperty("plugins").EnumerateArray().All(plugin => IsLocal(plugin) && (!plugin.TryGetProperty("ipam", out var ipam) || IsLocal(ipam)));

    private static bool IsLocal(JsonElement plugin) => plugin.ValueKind != JsonValueKind.Object
        || !plugin.TryGetProperty("type", out var type) || type.ValueKind == JsonValueKind.Null
        || (type.ValueKind == JsonValueKind.String && Types.Contains(type.GetString()!));
}
