using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CniCore.Config;
using CniCore.Spec;
using DockerDriver.Errors;

namespace DockerDriver.Lists;

/// <summary>
/// A network list that stands in the options of <c>docker network create</c> instead of a file: whole, as <c>cni.config</c>, or as one
/// plugin's keys, <c>cni.type</c> and the others.
/// </summary>
internal static class InlineList
{
    public const string ConfigKey = "cni.config";
    public const string TypeKey = "cni.type";
    public const string KeyPrefix = "cni.";

    private static readonly string[] Versions = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"];

    /// <summary>The list of <c>cni.config</c>: a <c>.conflist</c>'s or a <c>.conf</c>'s content.</summary>
    /// <exception cref="RefusedException">It is no JSON object.</exception>
    public static JsonObject OfConfig(string json)
    {
        try
        {
            var given = UserJson.Parse(json);
            NetworkList.Check(Encoding.UTF8.GetBytes(json), $"option '{ConfigKey}'");
            return given.ValueKind == JsonValueKind.Object
                ? JsonObject.Create(given)!
                : throw new RefusedException($"option '{ConfigKey}' is not a JSON object");
        }
        catch (FormatException fault)
        {
            throw new RefusedException($"option '{ConfigKey}' {fault.Message}");
        }
    }

    /// <summary>
    /// One plugin's configuration from <c>cni.KEY=VALUE</c>: dots nest, a value is JSON where it parses as JSON, else a string.
    /// </summary>
    /// <exception cref="RefusedException">Two keys contradict each other, or one has an empty part.</exception>
    public static JsonObject OfKeys(IEnumerable<KeyValuePair<string, string>> options)
    {
        var plugin = new JsonObject();
        foreach (var (option, text) in options.OrderBy(option => option.Key, StringComparer.Ordinal)) // "ipam" before "ipam.type"
        {
            var path = option[KeyPrefix.Length..].Split('.');
            if (path.Any(part => part.Length == 0))
                throw new RefusedException(
                    $"option '{option}' has an empty part; it is {KeyPrefix}KEY, or {KeyPrefix}KEY.KEY for a key within an object");
            var into = path[..^1].Aggregate(plugin, (outer, key) => Within(outer, key, option));
            if (!into.TryAdd(path[^1], Value(text)))
                throw new RefusedException($"option '{option}' says again what another option says already; leave one of them away");
        }
        Check(plugin);
        return plugin;
    }

    /// <summary>
    /// The list of it. Without a name it gets one of the network's; without a version it is valid in all, and the newest that its
    /// plugins speak is taken.
    /// </summary>
    /// <exception cref="CniConfigException">It is broken.</exception>
    public static NetworkList Parse(JsonObject config, string networkId)
    {
        var list = config.DeepClone().AsObject();
        if (list["name"] is null)
            list["name"] = "cnid-" + networkId[..Math.Min(12, networkId.Length)];
        if (list["cniVersion"] is null && list["cniVersions"] is null)
            list["cniVersions"] = new JsonArray([.. Versions.Select(version => (JsonNode)version)]);
        return ListJson.Parse(list);
    }

    private static void Check(JsonObject plugin)
    {
        try
        {
            PluginConfig.Check(Encoding.UTF8.GetBytes(plugin.ToJsonString()), KeyPrefix);
        }
        catch (CniConfigException fault)
        {
            throw new RefusedException($"option {fault.Message}");
        }
    }

    private static JsonObject Within(JsonObject outer, string key, string option)
    {
        if (!outer.ContainsKey(key))
            outer[key] = new JsonObject();
        return outer[key] as JsonObject
            ?? throw new RefusedException(
                $"option '{option}' needs '{key}' to be an object, and another option makes it something else; leave one of them away");
    }

    private static JsonNode? Value(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return text;
        }
    }
}
