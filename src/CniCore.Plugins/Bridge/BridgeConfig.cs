using CniCore.Spec;

namespace CniCore.Plugins.Bridge;

/// <summary>The bridge plugin's configuration, checked.</summary>
internal sealed record BridgeConfig(BridgeFields Fields, string? Mac, string? HandOver, IReadOnlyList<int> Trunk)
{
    public const string DefaultName = "cni0";
    private const string MacArg = "MAC";

    public string Name => First(Fields.Bridge) ?? DefaultName;

    public bool IsGateway => Fields.IsGateway || Fields.IsDefaultGateway;

    public bool FiltersVlans => Fields.Vlan != 0 || Trunk.Count > 0;

    public int? Mtu => Fields.Mtu > 0 ? Fields.Mtu : null;

    /// <summary>The interface with the gateway addresses of the port's VLAN.</summary>
    public string VlanGatewayName => $"{Name}.{Fields.Vlan}";

    /// <summary>Reads and checks the configuration of a call.</summary>
    /// <exception cref="CniPluginException">A value is wrong, or two exclude each other.</exception>
    public static BridgeConfig Of(BuiltinCall call)
    {
        var fields = Unchecked(call);
        if (First(fields.Bridge) is { } bridge)
            _ = InterfaceName.Parse(bridge);
        if (fields is { HairpinMode: true, PromiscMode: true })
            throw Refused("cannot set hairpin mode and promiscuous mode at the same time");
        if (fields.Vlan is < 0 or > 4094)
            throw Refused($"invalid VLAN ID {fields.Vlan} (must be between 0 and 4094)");
        if (fields.DisableContainerInterface && call.IpamType.Length > 0)
            throw Refused("cannot use IPAM when DisableContainerInterface flag is set");
        if (fields.Mtu < 0)
            throw Refused($"mtu {fields.Mtu} is negative");
        return new(fields, MacOf(call, fields), fields.RuntimeConfig?.HandOver is { Length: > 0 } name ? name : null, TrunkOf(fields));
    }

    /// <summary>Reads the configuration without checks, for what must not fail: DEL, and the rules of an existing attachment.</summary>
    public static BridgeFields Unchecked(BuiltinCall call) => call.Read(BridgeJson.Default.BridgeFields);

    // The last one wins: CNI_ARGS, args.cni, the capability.
    private static string? MacOf(BuiltinCall call, BridgeFields fields)
    {
        var mac = First(fields.RuntimeConfig?.Mac, fields.Args?.Cni?.Mac, call.Args.GetValueOrDefault(MacArg));
        if (mac is null)
            return null;
        var parts = mac.Split(':', '-');
        return parts.Length == 6 && parts.All(part => part.Length == 2 && part.All(char.IsAsciiHexDigit))
            ? string.Join(':', parts).ToLowerInvariant()
            : throw Refused($"invalid MAC address \"{mac}\"");
    }

    private static List<int> TrunkOf(BridgeFields fields) =>
        [.. (fields.VlanTrunk ?? []).SelectMany(range =>
            range.Ids ?? throw Refused("vlanTrunk: an entry has an id, or a minID and a maxID, between 1 and 4094")).Distinct().Order()];

    private static string? First(params string?[] texts) => texts.FirstOrDefault(text => !string.IsNullOrEmpty(text));

    private static CniPluginException Refused(string reason) => new(CniErrorCode.InvalidConfig, reason);
}
