using System.Globalization;
using System.Net.Sockets;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.Lists;

/// <summary>The options of a generated network; they mean what they mean for Docker's bridge driver.</summary>
/// <param name="Name">The bridge's interface name; null for a generated one.</param>
/// <param name="Mtu">In bytes; null for the kernel's default.</param>
/// <param name="Icc">Inter-container communication: containers reach each other.</param>
/// <param name="Masquerade">Outgoing packets get the host's address.</param>
/// <param name="Internal">No traffic between the network and anything outside of it.</param>
internal sealed record BridgeOptions(string? Name, int? Mtu, bool Icc, bool Masquerade, bool Internal)
{
    public GatewayMode ModeIPv4 { get; init; }

    public GatewayMode ModeIPv6 { get; init; }

    public string? SourceIPv4 { get; init; }

    public string? SourceIPv6 { get; init; }

    public bool InhibitsIPv4 { get; init; }

    /// <summary>The plugin's key, as Docker has no word for it: a container's frames carry its hardware address, or are dropped.</summary>
    public const string MacSpoofCheckKey = InlineList.KeyPrefix + "macspoofchk";

    public bool ChecksMacs { get; init; }

    public IReadOnlyList<string> TrustedInterfaces { get; init; } = [];

    /// <param name="gateway">An address of the family.</param>
    public GatewayMode ModeOf(string gateway) => gateway.Contains(':', StringComparison.Ordinal) ? ModeIPv6 : ModeIPv4;

    /// <summary>Whether Docker's IPAM need not reserve a gateway address.</summary>
    public bool NeedsNoGateway(AddressFamily family) => family == AddressFamily.InterNetwork
        ? ModeIPv4 == GatewayMode.Isolated || (InhibitsIPv4 && Internal)
        : ModeIPv6 == GatewayMode.Isolated;

    /// <exception cref="RefusedException">A value is malformed, or conflicts with another.</exception>
    public static BridgeOptions From(IReadOnlyDictionary<string, string> given, bool isInternal) => new(
        Name: given.GetValueOrDefault(NetLabel.BridgeName),
        Mtu: MtuOf(given),
        Icc: Flag(given, NetLabel.EnableIcc, otherwise: true),
        Masquerade: Flag(given, NetLabel.EnableIpMasquerade, otherwise: true),
        Internal: isInternal)
    {
        ModeIPv4 = Mode(given, NetLabel.GatewayModeIPv4, isInternal),
        ModeIPv6 = Mode(given, NetLabel.GatewayModeIPv6, isInternal),
        SourceIPv4 = Address(given, NetLabel.HostIPv4, AddressFamily.InterNetwork),
        SourceIPv6 = Address(given, NetLabel.HostIPv6, AddressFamily.InterNetworkV6),
        InhibitsIPv4 = Flag(given, NetLabel.InhibitIPv4, otherwise: false),
        ChecksMacs = Flag(given, MacSpoofCheckKey, otherwise: false),
        TrustedInterfaces = Interfaces(given, NetLabel.TrustedHostInterfaces),
    };

    /// <summary>The address; null where the option is not given.</summary>
    /// <exception cref="RefusedException">It is not an address, or not of that family.</exception>
    public static string? Address(IReadOnlyDictionary<string, string> given, string key, AddressFamily? family = null)
    {
        if (!given.TryGetValue(key, out var text))
            return null;
        if (AddressText.TryParse(text, out var address) && (family ?? address.AddressFamily) == address.AddressFamily)
            return address.ToString();
        var kind = family switch { AddressFamily.InterNetwork => "IPv4", AddressFamily.InterNetworkV6 => "IPv6", _ => "IP" };
        throw new RefusedException($"option '{key}': '{text}' is not an {kind} address");
    }

    /// <summary>Parses a boolean as Go's strconv.ParseBool does, which Docker's bridge driver uses.</summary>
    /// <exception cref="RefusedException">It is neither true nor false.</exception>
    public static bool Flag(IReadOnlyDictionary<string, string> given, string key, bool otherwise) => given.GetValueOrDefault(key) switch
    {
        null => otherwise,
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        var other => throw new RefusedException($"option '{key}': '{other}' is neither true nor false"),
    };

    private static int? MtuOf(IReadOnlyDictionary<string, string> given)
    {
        if (!given.TryGetValue(NetLabel.Mtu, out var text))
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var mtu) && mtu is >= 68 and <= 65535
            ? mtu
            : throw new RefusedException($"option '{NetLabel.Mtu}': '{text}' is not an MTU, 68 to 65535");
    }

    private static GatewayMode Mode(IReadOnlyDictionary<string, string> given, string key, bool isInternal) =>
        given.GetValueOrDefault(key) switch
        {
            null or "nat" => GatewayMode.Nat,
            "nat-unprotected" => GatewayMode.NatUnprotected,
            "routed" => GatewayMode.Routed,
            "isolated" when isInternal => GatewayMode.Isolated,
            "isolated" => throw new RefusedException($"option '{key}': isolated requires --internal"),
            var other => throw new RefusedException(
                    $"option '{key}': '{other}' is not a gateway mode: use nat, nat-unprotected, routed, or isolated with --internal"),
        };

    private static string[] Interfaces(IReadOnlyDictionary<string, string> given, string key)
    {
        try
        {
            return [.. given.GetValueOrDefault(key, "").Split(':', StringSplitOptions.RemoveEmptyEntries)
                .Select(name => InterfaceName.Parse(name).ToString())];
        }
        catch (CniException fault)
        {
            throw new RefusedException($"option '{key}': {fault.Message}; separate interfaces with ':'");
        }
    }
}
