using DockerDriver.Errors;
using DockerDriver.Lists;
using DockerDriver.Protocol;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// Docker's own options of a network: those that mean something here, those that the engine itself heeds, and what to say of all others.
/// </summary>
internal static class DockerOptions
{
    // What each is called where one plugin is configured by its keys.
    private static readonly Dictionary<string, string> OfGenerated = new(StringComparer.Ordinal)
    {
        [NetLabel.Mtu] = "it is a key of the plugin, such as -o cni.mtu=VALUE",
        [NetLabel.BridgeName] = "it is a key of the plugin, such as -o cni.bridge=VALUE",
        [NetLabel.EnableIcc] = "it is a key of the plugin, such as -o cni.portIsolation=VALUE",
        [NetLabel.EnableIpMasquerade] = "it is a key of the plugin, such as -o cni.ipMasq=VALUE",
        [NetLabel.InhibitIPv4] = "it is a key of the plugin, such as -o cni.isGateway=false",
        [NetLabel.GatewayModeIPv4] = "the plugin has -o cni.ipMasq=true for nat, and false for routed",
        [NetLabel.GatewayModeIPv6] = "the plugin has -o cni.ipMasq=true for nat, and false for routed",
        [NetLabel.HostIPv4] = "the plugin has no such key: use -o cni.ipMasq=false and a snat rule of your own",
        [NetLabel.HostIPv6] = "the plugin has no such key: use -o cni.ipMasq=false and a snat rule of your own",
        [NetLabel.TrustedHostInterfaces] = "the plugin has no such key: use iptables -I DOCKER-USER -i INTERFACE -o BRIDGE -j ACCEPT",
    };

    private static readonly string[] OfAll = [NetLabel.HostBinding, NetLabel.ContainerIfacePrefix];

    // libnetwork reads them for every driver.
    private static readonly string[] OfTheEngine =
        [NetLabel.EnableIPv4, NetLabel.EnableIPv6, NetLabel.AdvertiseCount, NetLabel.AdvertiseInterval];

    // Of Docker's macvlan and ipvlan, and the keys that the plugins have for them.
    private static readonly Dictionary<string, (string Key, string Type)> OfOtherDrivers = new(StringComparer.Ordinal)
    {
        ["parent"] = ("master", "macvlan"),
        ["macvlan_mode"] = ("mode", "macvlan"),
        ["ipvlan_mode"] = ("mode", "ipvlan"),
    };

    public static bool IsKnown(string key) => IsOfGenerated(key) || OfAll.Contains(key) || OfTheEngine.Contains(key);

    /// <summary>Whether only a generated network takes it.</summary>
    public static bool IsOfGenerated(string key) => OfGenerated.ContainsKey(key);

    /// <summary>Why a network of a list does not take an option of generated ones.</summary>
    /// <param name="key">The option.</param>
    /// <param name="list">The list, for a message.</param>
    /// <param name="source">The option that names the list.</param>
    public static string WhyNotOnList(string key, string list, string source)
    {
        var instead = source == InlineList.TypeKey ? $"with '{source}' {OfGenerated[key]}" : $"set it in {list} instead";
        return $"option '{key}' is for networks that cnid generates; {instead}; where nobody gave it with -o, it is one of the engine's "
            + "default-network-opts";
    }

    /// <summary>Why an option that is not known is refused, and what there is instead.</summary>
    /// <param name="key">The option.</param>
    /// <param name="value">Its value.</param>
    /// <param name="source">The option that names the list; null for a generated network.</param>
    public static string WhyNot(string key, string value, string? source)
    {
        if (OfOtherDrivers.TryGetValue(key, out var plugins))
        {
            return $"option '{key}' is of Docker's {(key == "parent" ? "macvlan and ipvlan" : plugins.Type)}; " + source switch
            {
                null => $"here it is -o {InlineList.TypeKey}={plugins.Type} -o {InlineList.KeyPrefix}{plugins.Key}={value}",
                InlineList.TypeKey => $"here it is -o {InlineList.KeyPrefix}{plugins.Key}={value}",
                _ => $"set \"{plugins.Key}\" in the list instead",
            };
        }
        if (All.FirstOrDefault(known => LastOf(known) == LastOf(key)) is { } meant)
            return $"option '{key}' is not one the driver cni knows; '{meant}' is";
        return key switch
        {
            "ipvlan_flag" => $"option '{key}' is of Docker's ipvlan, and the plugin ipvlan has no such key: leave it away",
            "com.docker.network.bridge.default_bridge" => $"option '{key}' makes Docker's own bridge network; leave it away",
            "encrypted" or "com.docker.network.driver.overlay.vxlanid_list" => $"option '{key}' is of Docker's overlay; networks of cni "
                + "are of this host: leave it away, or create the network with -d overlay",
            _ when key.StartsWith("com.docker.network.windowsshim.", StringComparison.Ordinal) =>
                $"option '{key}' is for Windows; leave it away",
            _ => $"option '{key}' is not one the driver cni knows; it takes "
                + $"{string.Join(", ", NetworkOptions.ListKey, InlineList.ConfigKey, InlineList.TypeKey)} with "
                    + $"{InlineList.KeyPrefix}KEY, {string.Join(", ", All)}",
        };
    }

    /// <summary>Refuses what an engine before 28 does not hear, and would leave without effect in silence.</summary>
    /// <exception cref="RefusedException">A family is to be there and is not, or the reverse.</exception>
    public static void RefuseUnheard(CreateNetwork call, IReadOnlyDictionary<string, string> given)
    {
        if (call.Options?.ContainsKey(NetLabel.EnableIPv4) == true)
            return; // Docker 28 and later: it says what it has made of them
        if (call.IPv4Data is { Count: > 0 } && !BridgeOptions.Flag(given, NetLabel.EnableIPv4, otherwise: true))
            throw new RefusedException(
                $"option '{NetLabel.EnableIPv4}': this engine gives every network IPv4; Docker 28 and later need not: leave it away");
        if (call.IPv6Data is not { Count: > 0 } && BridgeOptions.Flag(given, NetLabel.EnableIPv6, otherwise: false))
            throw new RefusedException($"option '{NetLabel.EnableIPv6}': this engine does not heed it, Docker 28 and later do: use --ipv6");
    }

    private static IEnumerable<string> All => [.. OfGenerated.Keys, .. OfAll, .. OfTheEngine];

    private static string LastOf(string key) => key[(key.LastIndexOf('.') + 1)..];
}
