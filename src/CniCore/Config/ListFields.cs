using System.Text.Json;
using CniCore.Spec;

namespace CniCore.Config;

/// <summary>The keys of a list that the runtime acts on, read strictly; all others pass through untouched.</summary>
internal static class ListFields
{
    public static JsonElement Root(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement.Clone();
        return root.ValueKind == JsonValueKind.Object ? root : throw new CniConfigException("it is not a JSON object");
    }

    /// <summary>Whether the key is there with a value: JSON null is none.</summary>
    public static bool IsGiven(JsonElement from, string key, out JsonElement value) =>
        from.TryGetProperty(key, out value) && value.ValueKind != JsonValueKind.Null;

    public static string? Text(JsonElement from, string key)
    {
        if (!IsGiven(from, key, out var value))
            return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw new CniConfigException($"{key} is not a string");
    }

    /// <summary>A JSON boolean, or one spelled as a string: both are in the field (spec 0.4.0 had strings).</summary>
    public static bool Flag(JsonElement from, string key)
    {
        if (!IsGiven(from, key, out var value))
            return false;
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String when bool.TryParse(value.GetString(), out var spelled) => spelled,
            _ => throw new CniConfigException($"{key} is neither true nor false"),
        };
    }

    public static HashSet<string> Capabilities(JsonElement plugin)
    {
        if (!IsGiven(plugin, "capabilities", out var asked))
            return [];
        if (asked.ValueKind != JsonValueKind.Object)
            throw new CniConfigException("capabilities is not an object");
        return [.. asked.EnumerateObject().Where(one => one.Value.ValueKind == JsonValueKind.True).Select(one => one.Name)];
    }

    /// <summary>
    /// The version in force, and all that the list is valid in and this runtime knows, ascending. Newer ones are for newer runtimes.
    /// </summary>
    public static (string Version, IReadOnlyList<string> All) Versions(JsonElement root)
    {
        var single = Text(root, "cniVersion") is { Length: > 0 } text ? text : CniVersions.Oldest;
        List<string> named = [single];
        if (IsGiven(root, "cniVersions", out var several))
        {
            if (several.ValueKind != JsonValueKind.Array || several.EnumerateArray().Any(one => one.ValueKind != JsonValueKind.String))
                throw new CniConfigException("cniVersions is not a list of strings");
            named = [.. several.EnumerateArray().Select(one => one.GetString()!)];
            if (Text(root, "cniVersion") is { Length: > 0 })
                named.Add(single);
        }
        if (named.FirstOrDefault(version => !CniVersions.IsVersion(version)) is { } wrong)
            throw new CniConfigException($"cniVersion {Identifier.Quote(wrong)} is not a version");
        List<string> known = [.. named.Where(CniVersions.IsKnown).Distinct().OrderBy(CniVersions.Rank)];
        return known.Count > 0
            ? (known[^1], known)
            : throw new CniConfigException(
                $"cniVersion {string.Join(", ", named)} is none this runtime knows: {string.Join(", ", CniVersions.All)}");
    }
}
