using DockerDriver.Errors;
using DockerDriver.Lists;
using DockerDriver.Protocol;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// Docker's own network options: those that this driver implements, those that the engine implements for every driver, and the error
/// messages for the others.
/// </summary>
internal static class DockerOptions
{
    // Options of generated networks only, with the equivalent for a network of one plugin.
    private static readonly Dictionary<string, string> BridgeOptionHints = new(StringComparer.Ordinal)
    {
        [NetLabel.Mtu] = "use the plugin's key, such as -o cni.mtu=VALUE",
        [NetLabel.BridgeName] = "use the plugin's key, such as -o cni.bridge=VALUE",
        [NetLabel.EnableIcc] = "use the plugin's key, such as -o cni.portIsolation=VALUE",
        [NetLabel.EnableIpMasquerade] = "use the plugin's key, such as -o cni.ipMasq=VALUE",
        [NetLabel.InhibitIPv4] = "use the plugin's key, such as -o cni.isGateway=false",
        [NetLabel.GatewayModeIPv4] = "use -o cni.ipMasq=true for nat, false for routed",
        [NetLabel.GatewayModeIPv6] = "use -o cni.ipMasq=true for nat, false for routed",
        [NetLabel.HostIPv4] = "the plugin has no such key: use -o cni.ipMasq=false and a snat rule of your own",
        [NetLabel.HostIPv6] = "the plugin has no such key: use -o cni.ipMasq=false and a snat rule of your own",
        [NetLabel.TrustedHostInterfaces] = "the plugin has no such key: use iptables -I DOCKER-USER -i INTERFACE -o BRIDGE -j ACCEPT",
    };

    private static readonly string[] NetworkOptionKeys = [NetLabel.HostBinding, NetLabel.ContainerIfacePrefix];

    // Options that libnetwork implements for every driver.
    private static readonly string[] EngineOptionKeys =
        [NetLabel.EnableIPv4, NetLabel.EnableIPv6, NetLabel.AdvertiseCount, NetLabel.AdvertiseInterval];

    // Options of Docker's macvlan and ipvlan drivers, with the plugins' keys.
    private static readonly Dictionary<string, (string Key, string Type)> OtherDriversOptions = new(StringComparer.Ordinal)
    {
        ["parent"] = ("master", "macvlan"),
        ["macvlan_mode"] = ("mode", "macvlan"),
        ["ipvlan_mode"] = ("mode", "ipvlan"),
    };

    /// <summary>Every option that <c>docker network create -o</c> takes besides those with the prefix <c>cni.</c>.</summary>
    public static IReadOnlyList<string> All => [.. BridgeOptionHints.Keys, .. NetworkOptionKeys, .. EngineOptionKeys];

    public static bool IsKnown(string key) => IsBridgeOption(key) || NetworkOptionKeys.Contains(key) || EngineOptionKeys.Contains(key);

    /// <summary>Whether only a generated network accepts it.</summary>
    public static bool IsBridgeOption(string key) => BridgeOptionHints.ContainsKey(key);

    /// <summary>Why a network of a list does not accept an option of generated networks.</summary>
    /// <param name="key">The option.</param>
    /// <param name="list">The list, for the message.</param>
    /// <param name="source">The option that names the list.</param>
    public static string NotForLists(string key, string list, string source)
    {
        var instead = source == InlineList.TypeKey ? $"with '{source}' {BridgeOptionHints[key]}" : $"set it in {list} instead";
        return $"option '{key}' is for generated networks only; {instead}; if it was not given with -o, it comes from the engine's "
            + "default-network-opts";
    }

    /// <summary>Why an unknown option is refused, with an alternative.</summary>
    /// <param name="key">The option.</param>
    /// <param name="value">Its value.</param>
    /// <param name="source">The option that names the list; null for a generated network.</param>
    public static string Unknown(string key, string value, string? source)
    {
        if (OtherDriversOptions.TryGetValue(key, out var plugins))
        {
            return $"option '{key}' belongs to Docker's {(key == "parent" ? "macvlan and ipvlan" : plugins.Type)}; " + source switch
            {
                null => $"use -o {InlineList.TypeKey}={plugins.Type} -o {InlineList.KeyPrefix}{plugins.Key}={value}",
                InlineList.TypeKey => $"use -o {InlineList.KeyPrefix}{plugins.Key}={value}",
                _ => $"set \"{plugins.Key}\" in the list instead",
            };
        }
        if (All.FirstOrDefault(known => LastPart(known) == LastPart(key)) is { } meant)
            return $"option '{key}' is unknown to the driver cni; did you mean '{meant}'?";
        return key switch
        {
            "ipvlan_flag" => $"option '{key}' belongs to Docker's ipvlan, and the plugin ipvlan has no such key: remove it",
            "com.docker.network.bridge.default_bridge" => $"option '{key}' is for Docker's default bridge network; remove it",
            "encrypted" or "com.docker.network.driver.overlay.vxlanid_list" =>
                $"option '{key}' belongs to Docker's overlay; networks of cni "
                + "are local to this host: remove it, or create the network with -d overlay",
            _ when key.StartsWith("com.docker.network.windowsshim.", StringComparison.Ordinal) =>
                $"option '{key}' is for Windows; remove it",
            _ => $"option '{key}' is unknown to the driver cni; it takes "
                + $"{string.Join(", ", NetworkOptions.ListKey, InlineList.ConfigKey, InlineList.TypeKey)} with "
                    + $"{InlineList.KeyPrefix}KEY, {string.Join(", ", All)}",
        };
    }

    /// <summary>Refuses options that an engine before 28 ignores without a message.</summary>
    /// <exception cref="RefusedException">An address family is enabled or disabled in vain.</exception>
    public static void RefuseIgnoredByEngine(CreateNetworkRequest call, IReadOnlyDictionary<string, string> given)
    {
        if (call.Options?.ContainsKey(NetLabel.EnableIPv4) == true)
            return; // Docker 28 and later apply it
        if (call.IPv4Data is { Count: > 0 } && !BridgeOptions.Flag(given, NetLabel.EnableIPv4, otherwise: true))
            throw new RefusedException(
                $"option '{NetLabel.EnableIPv4}': requires Docker 28 or later; this engine enables IPv4 in every network: remove it");
        if (call.IPv6Data is not { Count: > 0 } && BridgeOptions.Flag(given, NetLabel.EnableIPv6, otherwise: false))
            throw new RefusedException($"option '{NetLabel.EnableIPv6}': requires Docker 28 or later: use --ipv6");
    }

    private static string LastPart(string key) => key[(key.LastIndexOf('.') + 1)..];
}
