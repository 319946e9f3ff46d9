using System.Globalization;
using System.Text.Json;
using DockerDriver.Protocol;

namespace DockerDriver.Networks;

/// <summary>
/// What <c>docker network create</c> was given, as far as the driver is told. <see cref="Bridge"/> has what only a generated
/// network takes; null where <see cref="ListName"/> names a list.
/// </summary>
internal sealed record NetworkOptions(string? ListName, BridgeOptions? Bridge)
{
    public const string ListKey = "cni.network";

    private static readonly string[] Known = [ListKey, NetLabel.Mtu, NetLabel.BridgeName, NetLabel.EnableIcc, NetLabel.EnableIpMasquerade];

    /// <exception cref="RefusedException">An option is unknown, does not fit its meaning, or does not go with another.</exception>
    public static NetworkOptions From(CreateNetwork call)
    {
        var given = Given(call);
        if (given.Keys.FirstOrDefault(key => !Known.Contains(key)) is { } unknown)
            throw new RefusedException($"option '{unknown}' is not one the driver cni knows; it takes {string.Join(", ", Known)}");

        var isInternal = call.Options?.TryGetValue(NetLabel.Internal, out var value) == true && value.ValueKind == JsonValueKind.True;
        if (given.TryGetValue(ListKey, out var list))
            return new(OnlyTheList(given, list, isInternal), null);

        return new(null, new(
            Name: given.GetValueOrDefault(NetLabel.BridgeName),
            Mtu: Mtu(given),
            Icc: Flag(given, NetLabel.EnableIcc),
            Masquerade: Flag(given, NetLabel.EnableIpMasquerade),
            Internal: isInternal));
    }

    private static Dictionary<string, string> Given(CreateNetwork call)
    {
        if (call.Options?.TryGetValue(NetLabel.Generic, out var generic) != true || generic.ValueKind != JsonValueKind.Object)
            return [];
        return generic.EnumerateObject().ToDictionary(option => option.Name, option => option.Value.ToString(), StringComparer.Ordinal);
    }

    private static string OnlyTheList(Dictionary<string, string> given, string list, bool isInternal)
    {
        if (isInternal)
            throw new RefusedException($"--internal is for networks that cnid generates; who can reach whom on '{list}' is what its plugins do: leave --internal away");
        if (given.Keys.FirstOrDefault(key => key != ListKey) is { } other)
            throw new RefusedException($"option '{other}' is for networks that cnid generates; set it in the list '{list}' instead");
        return list;
    }

    private static int? Mtu(Dictionary<string, string> given)
    {
        if (!given.TryGetValue(NetLabel.Mtu, out var text))
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var mtu) && mtu is >= 68 and <= 65535
            ? mtu
            : throw new RefusedException($"option '{NetLabel.Mtu}': '{text}' is not an MTU, 68 to 65535");
    }

    // Go's strconv.ParseBool, which is what Docker's own bridge reads these with.
    private static bool Flag(Dictionary<string, string> given, string key) => given.GetValueOrDefault(key) switch
    {
        null or "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        var other => throw new RefusedException($"option '{key}': '{other}' is neither true nor false"),
    };
}
