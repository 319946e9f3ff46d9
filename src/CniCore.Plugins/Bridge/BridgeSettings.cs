using CniCore.Spec;

namespace CniCore.Plugins.Bridge;

/// <summary>The configuration of one call, checked.</summary>
internal sealed record BridgeSettings(BridgeConfig Config, string? Mac, string? HandOver, IReadOnlyList<int> Trunk)
{
    public const string DefaultName = "cni0";
    private const string MacArg = "MAC";

    public string Name => First(Config.Bridge) ?? DefaultName;

    public bool IsGateway => Config.IsGateway || Config.IsDefaultGateway;

    public bool FiltersVlans => Config.Vlan != 0 || Trunk.Count > 0;

    public int? Mtu => Config.Mtu > 0 ? Config.Mtu : null;

    /// <summary>The interface that carries the gateway of the port's VLAN.</summary>
    public string VlanGatewayName => $"{Name}.{Config.Vlan}";

    /// <exception cref="CniPluginException">A value is wrong, or two do not go together.</exception>
    public static BridgeSettings Of(BuiltinCall call)
    {
        var config = call.Read(BridgeJson.Default.BridgeConfig);
        if (First(config.Bridge) is { } bridge)
            _ = InterfaceName.Parse(bridge);
        if (config is { HairpinMode: true, PromiscMode: true })
            throw Refused("cannot set hairpin mode and promiscuous mode at the same time");
        if (config.Vlan is < 0 or > 4094)
            throw Refused($"invalid VLAN ID {config.Vlan} (must be between 0 and 4094)");
        if (config.DisableContainerInterface && call.IpamType.Length > 0)
            throw Refused("cannot use IPAM when DisableContainerInterface flag is set");
        if (config.Mtu < 0)
            throw Refused($"mtu {config.Mtu} is negative");
        return new(config, MacOf(call, config), config.RuntimeConfig?.HandOver is { Length: > 0 } name ? name : null, TrunkOf(config));
    }

    // The later one counts: CNI_ARGS, args.cni, the capability.
    private static string? MacOf(BuiltinCall call, BridgeConfig config)
    {
        var mac = First(config.RuntimeConfig?.Mac, config.Args?.Cni?.Mac, call.Args.GetValueOrDefault(MacArg));
        if (mac is null)
            return null;
        var parts = mac.Split(':', '-');
        return parts.Length == 6 && parts.All(part => part.Length == 2 && part.All(char.IsAsciiHexDigit))
            ? string.Join(':', parts).ToLowerInvariant()
            : throw Refused($"the MAC address \"{mac}\" is not one");
    }

    private static List<int> TrunkOf(BridgeConfig config) =>
        [.. (config.VlanTrunk ?? []).SelectMany(range =>
            range.Ids ?? throw Refused("vlanTrunk: an entry has an id, or a minID and a maxID, between 1 and 4094")).Distinct().Order()];

    private static string? First(params string?[] texts) => texts.FirstOrDefault(text => !string.IsNullOrEmpty(text));

    private static CniPluginException Refused(string reason) => new(CniErrorCode.InvalidConfig, reason);
}
