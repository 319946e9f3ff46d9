using System.Globalization;
using System.Net.Sockets;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.Lists;

/// <summary>The options of a generated network, with the meaning they have on Docker's own bridge.</summary>
/// <param name="Name">The bridge's interface name; null for one of ours.</param>
/// <param name="Mtu">In bytes; null for the kernel's.</param>
/// <param name="Icc">Containers reach each other.</param>
/// <param name="Masquerade">What goes out carries the host's address.</param>
/// <param name="Internal">Nothing in, nothing out.</param>
internal sealed record BridgeOptions(string? Name, int? Mtu, bool Icc, bool Masquerade, bool Internal)
{
    public GatewayMode ModeIPv4 { get; init; }

    public GatewayMode ModeIPv6 { get; init; }

    public string? SourceIPv4 { get; init; }

    public string? SourceIPv6 { get; init; }

    public bool InhibitsIPv4 { get; init; }

    public IReadOnlyList<string> TrustedInterfaces { get; init; } = [];

    /// <param name="gateway">An address of the family.</param>
    public GatewayMode ModeOf(string gateway) => gateway.Contains(':', StringComparison.Ordinal) ? ModeIPv6 : ModeIPv4;

    /// <summary>Whether nobody needs the gateway that Docker's IPAM would reserve.</summary>
    public bool NeedsNoGateway(AddressFamily family) => family == AddressFamily.InterNetwork
        ? ModeIPv4 == GatewayMode.Isolated || (InhibitsIPv4 && Internal)
        : ModeIPv6 == GatewayMode.Isolated;

    /// <exception cref="RefusedException">A value is not of its form, or does not go with another.</exception>
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
        TrustedInterfaces = Interfaces(given, NetLabel.TrustedHostInterfaces),
    };

    /// <summary>An address; null where it is not given.</summary>
    /// <exception cref="RefusedException">It is none, or not of that family.</exception>
    public static string? Address(IReadOnlyDictionary<string, string> given, string key, AddressFamily? family = null)
    {
        if (!given.TryGetValue(key, out var text))
            return null;
        if (AddressText.TryParse(text, out var address) && (family ?? address.AddressFamily) == address.AddressFamily)
            return address.ToString();
        var kind = family switch { AddressFamily.InterNetwork => "IPv4", AddressFamily.InterNetworkV6 => "IPv6", _ => "IP" };
        throw new RefusedException($"option '{key}': '{text}' is not an {kind} address");
    }

    /// <summary>Go's strconv.ParseBool, which is what Docker's own bridge reads these with.</summary>
    /// <exception cref="RefusedException">It is neither.</exception>
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
        "isolated" => throw new RefusedException($"option '{key}': isolated is for networks without a way out: add --internal"),
        var other =>
            throw new RefusedException(
                $"option '{key}': '{other}' is no gateway mode; it is nat, nat-unprotected, routed, or with --internal isolated"),
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
            throw new RefusedException($"option '{key}': {fault.Message}; several interfaces are joined with ':'");
        }
    }
}
