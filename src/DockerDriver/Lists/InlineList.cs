using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CniCore.Config;
using CniCore.Spec;
using DockerDriver.Errors;

namespace DockerDriver.Lists;

/// <summary>
/// A network list in the options of <c>docker network create</c>: a whole list in <c>cni.config</c>, or the keys of one plugin in
/// <c>cni.type</c> and <c>cni.KEY</c>.
/// </summary>
internal static class InlineList
{
    public const string ConfigKey = "cni.config";
    public const string TypeKey = "cni.type";
    public const string KeyPrefix = "cni.";

    private static readonly string[] Versions = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"];

    /// <summary>The list in <c>cni.config</c>: the content of a <c>.conflist</c> or a <c>.conf</c>.</summary>
    /// <exception cref="RefusedException">It is not a JSON object.</exception>
    public static JsonObject FromConfig(string json)
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
    /// One plugin's configuration from <c>cni.KEY=VALUE</c>: dots nest; a value is JSON if it parses as JSON, else a string.
    /// </summary>
    /// <exception cref="RefusedException">Two keys conflict, or a key has an empty part.</exception>
    public static JsonObject FromKeys(IEnumerable<KeyValuePair<string, string>> options)
    {
        var plugin = new JsonObject();
        foreach (var (option, text) in options.OrderBy(option => option.Key, StringComparer.Ordinal)) // "ipam" before "ipam.type"
        {
            var path = option[KeyPrefix.Length..].Split('.');
            if (path.Any(part => part.Length == 0))
                throw new RefusedException(
                    $"option '{option}' has an empty part; it is {KeyPrefix}KEY, or {KeyPrefix}KEY.KEY for a key within an object");
            var into = path[..^1].Aggregate(plugin, (outer, key) => ChildObject(outer, key, option));
            if (!into.TryAdd(path[^1], Value(option, text)))
                throw new RefusedException($"option '{option}' duplicates another option; remove one of them");
        }
        Check(plugin);
        return plugin;
    }

    /// <summary>
    /// Completes the list: a missing name is generated from the network's id; without a version all are allowed, and the newest that its
    /// plugins support is chosen.
    /// </summary>
    /// <exception cref="CniConfigException">The list is invalid.</exception>
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

    private static JsonObject ChildObject(JsonObject outer, string key, string option)
    {
        if (!outer.ContainsKey(key))
            outer[key] = new JsonObject();
        return outer[key] as JsonObject
            ?? throw new RefusedException(
                $"option '{option}' needs '{key}' to be an object, and another option sets it to another type; remove one of them");
    }

    private static JsonNode? Value(string option, string text)
    {
        try
        {
            return JsonNode.Parse(UserJson.Parse(text).GetRawText());
        }
        catch (FormatException fault) when (fault.InnerException is JsonException)
        {
            return text;
        }
        catch (FormatException fault)
        {
            throw new RefusedException($"option '{option}' {fault.Message}");
        }
    }
}
