using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DockerDriver.Protocol;

namespace DockerDriver.Networks;

/// <summary>
/// What <c>docker network create</c> was given, as far as the driver is told. <see cref="Bridge"/> has what only a generated
/// network takes; null where <see cref="ListName"/> names a list, or <see cref="Inline"/> is one.
/// </summary>
internal sealed record NetworkOptions(string? ListName, JsonObject? Inline, BridgeOptions? Bridge)
{
    public const string ListKey = "cni.network";

    private static readonly string[] OfBridges = [NetLabel.Mtu, NetLabel.BridgeName, NetLabel.EnableIcc, NetLabel.EnableIpMasquerade];
    private static readonly string[] OfLists = [ListKey, InlineList.ConfigKey, InlineList.TypeKey];

    // What an option for generated bridges is called where one plugin is configured by its keys.
    private static readonly Dictionary<string, string> PluginKeys = new()
    {
        [NetLabel.Mtu] = "cni.mtu",
        [NetLabel.BridgeName] = "cni.bridge",
        [NetLabel.EnableIcc] = "cni.portIsolation",
        [NetLabel.EnableIpMasquerade] = "cni.ipMasq",
    };

    /// <summary>The list that <c>-o cni.network</c> names; null for none.</summary>
    public static string? NamedList(CreateNetwork call) => Given(call).GetValueOrDefault(ListKey);

    /// <param name="call">The call.</param>
    /// <param name="poolsList">The list whose IPAM serves the network, which is its list then; null where it has another IPAM.</param>
    /// <exception cref="RefusedException">An option is unknown, does not fit its meaning, or does not go with another.</exception>
    public static NetworkOptions From(CreateNetwork call, string? poolsList = null)
    {
        var given = Given(call);
        if (poolsList is not null)
            given[ListKey] = poolsList;
        if (given.Keys.FirstOrDefault(key => !IsKnown(key)) is { } unknown)
            throw new RefusedException($"option '{unknown}' is not one the driver cni knows; it takes {string.Join(", ", OfLists)} with {InlineList.KeyPrefix}KEY, {string.Join(", ", OfBridges)}");

        var isInternal = call.Options?.TryGetValue(NetLabel.Internal, out var value) == true && value.ValueKind == JsonValueKind.True;
        var source = OfLists.FirstOrDefault(given.ContainsKey);
        RefuseUnfitting(given, source, isInternal);
        return source switch
        {
            ListKey => new(given[ListKey], null, null),
            InlineList.ConfigKey => new(null, InlineList.OfConfig(given[source]), null),
            InlineList.TypeKey => new(null, InlineList.OfKeys(given), null),
            _ => new(null, null, new(
                Name: given.GetValueOrDefault(NetLabel.BridgeName),
                Mtu: Mtu(given),
                Icc: Flag(given, NetLabel.EnableIcc),
                Masquerade: Flag(given, NetLabel.EnableIpMasquerade),
                Internal: isInternal)),
        };
    }

    private static bool IsKnown(string key) => OfBridges.Contains(key) || key.StartsWith(InlineList.KeyPrefix, StringComparison.Ordinal);

    private static void RefuseUnfitting(Dictionary<string, string> given, string? source, bool isInternal)
    {
        if (source is null)
        {
            if (given.Keys.FirstOrDefault(key => key.StartsWith(InlineList.KeyPrefix, StringComparison.Ordinal)) is { } lone)
                throw new RefusedException($"option '{lone}' is a key of a plugin, and no plugin is named: add -o {InlineList.TypeKey}=TYPE");
            return;
        }
        var list = source == ListKey ? $"the list '{given[ListKey]}'" : $"the list of '{source}'";
        if (isInternal)
            throw new RefusedException($"--internal is for networks that cnid generates; who can reach whom on {list} is what its plugins do: leave --internal away");
        if (OfLists.FirstOrDefault(key => key != source && given.ContainsKey(key)) is { } second)
            throw new RefusedException($"option '{second}' does not go with '{source}': each says the whole network; leave one of them away");
        if (given.Keys.FirstOrDefault(key => key != source && (source != InlineList.TypeKey || OfBridges.Contains(key))) is not { } other)
            return;
        throw new RefusedException(source == InlineList.TypeKey
            ? $"option '{other}' is for networks that cnid generates; with '{source}' it is a key of the plugin, such as -o {PluginKeys[other]}=VALUE"
            : $"option '{other}' is for networks {(OfBridges.Contains(other) ? "that cnid generates" : $"made with {InlineList.TypeKey}")}; set it in {list} instead");
    }

    private static Dictionary<string, string> Given(CreateNetwork call)
    {
        if (call.Options?.TryGetValue(NetLabel.Generic, out var generic) != true || generic.ValueKind != JsonValueKind.Object)
            return [];
        return generic.EnumerateObject().ToDictionary(option => option.Name, option => option.Value.ToString(), StringComparer.Ordinal);
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
