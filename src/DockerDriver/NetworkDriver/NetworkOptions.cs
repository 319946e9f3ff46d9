using System.Text.Json;
using System.Text.Json.Nodes;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Lists;
using DockerDriver.Protocol;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// What <c>docker network create</c> was given, as far as the driver is told. <see cref="Bridge"/> has what only a generated
/// network takes; null where <see cref="ListName"/> names a list, or <see cref="Inline"/> is one.
/// </summary>
internal sealed record NetworkOptions(string? ListName, JsonObject? Inline, BridgeOptions? Bridge)
{
    public const string ListKey = "cni.network";

    private static readonly string[] OfLists = [ListKey, InlineList.ConfigKey, InlineList.TypeKey];

    /// <summary>The host address of a <c>-p</c> that names none; null for all.</summary>
    public string? HostBinding { get; private init; }

    /// <summary>What the containers' interfaces are called, without the number; null for <c>eth</c>.</summary>
    public string? InterfacePrefix { get; private init; }

    /// <summary>The list that <c>-o cni.network</c> names; null for none.</summary>
    public static string? NamedList(CreateNetwork call) => Given(call.Options).GetValueOrDefault(ListKey);

    /// <param name="call">The call.</param>
    /// <param name="poolsList">The list whose IPAM serves the network, which is its list then; null where it has another IPAM.</param>
    /// <exception cref="RefusedException">An option is unknown, does not fit its meaning, or does not go with another.</exception>
    public static NetworkOptions From(CreateNetwork call, string? poolsList = null)
    {
        var options = From(call.Options, poolsList);
        DockerOptions.RefuseUnheard(call, Given(call.Options));
        return options;
    }

    /// <summary>The same before the pools are known: GwAllocCheck.</summary>
    /// <exception cref="RefusedException">As there.</exception>
    public static NetworkOptions From(IReadOnlyDictionary<string, JsonElement>? options, string? poolsList = null)
    {
        var given = Given(options);
        if (poolsList is not null)
            given[ListKey] = poolsList;
        var source = OfLists.FirstOrDefault(given.ContainsKey);
        if (given.Keys.FirstOrDefault(key => !IsKnown(key)) is { } unknown)
            throw new RefusedException(DockerOptions.WhyNot(unknown, given[unknown], source));

        var isInternal = IsTrue(options, NetLabel.Internal);
        RefuseUnfitting(given, source, isInternal);
        var network = source switch
        {
            ListKey => new NetworkOptions(given[ListKey], null, null),
            InlineList.ConfigKey => new(null, InlineList.OfConfig(given[source]), null),
            InlineList.TypeKey => new(null, InlineList.OfKeys(given.Where(option => IsOfCni(option.Key))), null),
            _ => new(null, null, BridgeOptions.From(given, isInternal)),
        };
        return network with
        {
            // as Docker has it
            HostBinding = BridgeOptions.Address(given, NetLabel.HostBinding) is not "0.0.0.0" and var address ? address : null,
            InterfacePrefix = Prefix(given),
        };
    }

    private static bool IsKnown(string key) => DockerOptions.IsKnown(key) || IsOfCni(key);

    private static bool IsOfCni(string key) => key.StartsWith(InlineList.KeyPrefix, StringComparison.Ordinal);

    private static void RefuseUnfitting(Dictionary<string, string> given, string? source, bool isInternal)
    {
        if (source is null)
        {
            if (given.Keys.FirstOrDefault(IsOfCni) is { } lone)
                throw new RefusedException(
                    $"option '{lone}' is a key of a plugin, and no plugin is named: add -o {InlineList.TypeKey}=TYPE");
            return;
        }
        var list = source == ListKey ? $"the list '{given[ListKey]}'" : $"the list of '{source}'";
        if (isInternal)
            throw new RefusedException($"--internal is for networks that cnid generates; who can reach whom on {list} is what its "
                + "plugins do: leave --internal away");
        if (OfLists.FirstOrDefault(key => key != source && given.ContainsKey(key)) is { } second)
            throw new RefusedException(
                $"option '{second}' does not go with '{source}': each says the whole network; leave one of them away");
        if (given.Keys.FirstOrDefault(DockerOptions.IsOfGenerated) is { } ofGenerated)
            throw new RefusedException(DockerOptions.WhyNotOnList(ofGenerated, list, source));
        if (source != InlineList.TypeKey && given.Keys.FirstOrDefault(key => key != source && IsOfCni(key)) is { } other)
            throw new RefusedException($"option '{other}' is for networks made with {InlineList.TypeKey}; set it in {list} instead");
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
            throw new RefusedException($"option '{NetLabel.ContainerIfacePrefix}': with a number behind it, '{prefix}' is to be an "
                + $"interface's name: {fault.Message}");
        }
    }

    private static bool IsTrue(IReadOnlyDictionary<string, JsonElement>? options, string key) =>
        options?.TryGetValue(key, out var value) == true && value.ValueKind == JsonValueKind.True;

    private static Dictionary<string, string> Given(IReadOnlyDictionary<string, JsonElement>? options)
    {
        if (options?.TryGetValue(NetLabel.Generic, out var generic) != true || generic.ValueKind != JsonValueKind.Object)
            return [];
        return generic.EnumerateObject().ToDictionary(option => option.Name, option => option.Value.ToString(), StringComparer.Ordinal);
    }
}
