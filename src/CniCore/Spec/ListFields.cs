using System.Text.Json;

namespace CniCore.Spec;

/// <summary>Reads the keys of a list that the runtime acts on. All others pass through unread.</summary>
internal static class ListFields
{
    /// <summary>Parses JSON; the element needs no disposal.</summary>
    /// <exception cref="JsonException">It is not JSON, or has text that is not valid.</exception>
    public static JsonElement Element(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        RefuseInvalidText(document.RootElement);
        return document.RootElement.Clone();
    }

    /// <summary>
    /// Refuses text with invalid UTF-8 and single surrogates (<c>\ud800</c>). System.Text.Json decodes text where it is first used, and
    /// throws there.
    /// </summary>
    /// <exception cref="JsonException">There is such text.</exception>
    public static void RefuseInvalidText(JsonElement json)
    {
        try
        {
            Decode(json);
        }
        catch (InvalidOperationException fault)
        {
            throw new JsonException("a string is not valid Unicode", fault);
        }
    }

    private static void Decode(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                _ = value.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray())
                    Decode(item);
                break;
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    _ = member.Name;
                    Decode(member.Value);
                }
                break;
        }
    }

    /// <summary>Whether the key has a value. JSON null counts as absent, as Go reads it.</summary>
    public static bool IsGiven(JsonElement from, string key, out JsonElement value) =>
        from.TryGetProperty(key, out value) && value.ValueKind != JsonValueKind.Null;

    public static string? Text(JsonElement from, string key)
    {
        if (!IsGiven(from, key, out var value))
            return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw new CniConfigException($"{key} is not a string");
    }

    /// <summary>A JSON boolean, or <c>"true"</c> and <c>"false"</c> as strings, which spec 0.4.0 allowed.</summary>
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
        return [.. asked.EnumerateObject().Where(capability => capability.Value.ValueKind == JsonValueKind.True)
            .Select(capability => capability.Name)];
    }

    /// <summary>
    /// The version in force, and every version of the list that this runtime knows, ascending. Unknown newer versions are ignored.
    /// </summary>
    public static (string Version, IReadOnlyList<string> All) Versions(JsonElement root)
    {
        var single = Text(root, "cniVersion") is { Length: > 0 } text ? text : CniVersions.Oldest;
        List<string> named = [single];
        if (IsGiven(root, "cniVersions", out var several))
        {
            if (several.ValueKind != JsonValueKind.Array
                || several.EnumerateArray().Any(version => version.ValueKind != JsonValueKind.String))
                throw new CniConfigException("cniVersions is not a list of strings");
            named = [.. several.EnumerateArray().Select(version => version.GetString()!)];
            if (Text(root, "cniVersion") is { Length: > 0 })
                named.Add(single);
        }
        if (named.FirstOrDefault(version => !CniVersions.IsVersion(version)) is { } wrong)
            throw new CniConfigException($"cniVersion {Identifier.Quote(wrong)} is not a version");
        List<string> known = [.. named.Where(CniVersions.IsKnown).Distinct().OrderBy(CniVersions.Rank)];
        return known.Count > 0
            ? (known[^1], known)
            : throw new CniConfigException(
                $"cniVersion {string.Join(", ", named)} is not supported; this runtime supports {string.Join(", ", CniVersions.All)}")
            {
                IsOfUnknownVersion = true,
            };
    }
}
