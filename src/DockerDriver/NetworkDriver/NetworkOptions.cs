using System.Text.Json;
using System.Text.Json.Nodes;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Lists;
using DockerDriver.Protocol;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// The options of <c>docker network create</c>, as far as the driver gets them. <see cref="Bridge"/> has the options of a generated
/// network; it is null where <see cref="ListName"/> names a list, or <see cref="Inline"/> is one.
/// </summary>
internal sealed record NetworkOptions(string? ListName, JsonObject? Inline, BridgeOptions? Bridge)
{
    public const string ListKey = "cni.network";

    private static readonly string[] ListSources = [ListKey, InlineList.ConfigKey, InlineList.TypeKey];

    /// <summary>The host address for published ports that name none; null for all.</summary>
    public string? HostBinding { get; private init; }

    /// <summary>The prefix of the containers' interface names; null for <c>eth</c>.</summary>
    public string? InterfacePrefix { get; private init; }

    /// <summary>The list that <c>-o cni.network</c> names; null for none.</summary>
    public static string? NamedList(CreateNetworkRequest call) => Given(call.Options).GetValueOrDefault(ListKey);

    /// <param name="call">The call.</param>
    /// <param name="poolsList">
    /// The list whose IPAM serves the network, and which is then its list; null where another IPAM serves it.
    /// </param>
    /// <exception cref="RefusedException">An option is unknown, malformed, or conflicts with another.</exception>
    public static NetworkOptions From(CreateNetworkRequest call, string? poolsList = null)
    {
        var options = From(call.Options, poolsList);
        DockerOptions.RefuseIgnoredByEngine(call, Given(call.Options));
        return options;
    }

    /// <summary>For GwAllocCheck, which comes before the pools are known.</summary>
    /// <exception cref="RefusedException">An option is unknown, malformed, or conflicts with another.</exception>
    public static NetworkOptions From(IReadOnlyDictionary<string, JsonElement>? options, string? poolsList = null)
    {
        var given = Given(options);
        if (poolsList is not null)
            given[ListKey] = poolsList;
        var source = ListSources.FirstOrDefault(given.ContainsKey);
        if (given.Keys.FirstOrDefault(key => !IsKnown(key)) is { } unknown)
            throw new RefusedException(DockerOptions.Unknown(unknown, given[unknown], source));

        var isInternal = IsTrue(options, NetLabel.Internal);
        RefuseConflicts(given, source, isInternal);
        var network = source switch
        {
            ListKey => new NetworkOptions(given[ListKey], null, null),
            InlineList.ConfigKey => new(null, InlineList.FromConfig(given[source]), null),
            InlineList.TypeKey => new(null, InlineList.FromKeys(given.Where(option => IsCniKey(option.Key))), null),
            _ => new(null, null, BridgeOptions.From(given, isInternal)),
        };
        return network with
        {
            // 0.0.0.0 means all addresses, as for Docker
            HostBinding = BridgeOptions.Address(given, NetLabel.HostBinding) is not "0.0.0.0" and var address ? address : null,
            InterfacePrefix = Prefix(given),
        };
    }

    private static bool IsKnown(string key) => DockerOptions.IsKnown(key) || IsCniKey(key);

    private static bool IsCniKey(string key) => key.StartsWith(InlineList.KeyPrefix, StringComparison.Ordinal);

    private static void RefuseConflicts(Dictionary<string, string> given, string? source, bool isInternal)
    {
        if (source is null)
        {
            if (given.Keys.FirstOrDefault(key => IsCniKey(key) && key != BridgeOptions.MacSpoofCheckKey) is { } lone)
                throw new RefusedException(
                    $"option '{lone}' is a plugin's key, and no plugin is named: add -o {InlineList.TypeKey}=TYPE");
            return;
        }
        var list = source == ListKey ? $"the list '{given[ListKey]}'" : $"the list of '{source}'";
        if (isInternal)
            throw new RefusedException($"--internal is for generated networks only; the plugins of {list} determine its "
                + "connectivity: remove --internal");
        if (ListSources.FirstOrDefault(key => key != source && given.ContainsKey(key)) is { } second)
            throw new RefusedException(
                $"option '{second}' conflicts with '{source}': remove one of them");
        if (given.Keys.FirstOrDefault(DockerOptions.IsBridgeOption) is { } bridgeOption)
            throw new RefusedException(DockerOptions.NotForLists(bridgeOption, list, source));
        if (source != InlineList.TypeKey && given.Keys.FirstOrDefault(key => key != source && IsCniKey(key)) is { } other)
            throw new RefusedException($"option '{other}' is for networks with {InlineList.TypeKey}; set it in {list} instead");
    }

    private static string? Prefix(Dictionary<string, string> given)
    {
        if (!given.TryGetValue(NetLabel.ContainerIfacePrefix, out var prefix))
            return null;
        try
        {
            _ = InterfaceName.Parse(prefix + "00");
            return prefix.Length > 0 ? prefix : null;
        }
        catch (CniException fault)
        {
            throw new RefusedException($"option '{NetLabel.ContainerIfacePrefix}': '{prefix}' with a number must be an "
                + $"interface name: {fault.Message}");
        }
    }

    private static bool IsTrue(IReadOnlyDictionary<string, JsonElement>? options, string key) =>
        options?.TryGetValue(key, out var value) == true && value.ValueKind == JsonValueKind.True;

    private static Dictionary<string, string> Given(IReadOnlyDictionary<string, JsonElement>? options)
    {
        if (options?.TryGetValue(NetLabel.Generic, out var generic) != true || generic.ValueKind != JsonValueKind.Object)
            return [];
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var option in generic.EnumerateObject())
            given[option.Name] = option.Value.ToString(); // the last of a name counts, as for Docker
        return given;
    }
}
