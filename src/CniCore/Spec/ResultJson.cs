using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CniCore.Spec.Legacy;

namespace CniCore.Spec;

/// <summary>
/// Reads results of any version into <see cref="CniResult"/>, and writes them as any version (libcni pkg/types, convert).
/// </summary>
internal static class ResultJson
{
    /// <summary>Reads the output of ADD. A missing version is the configuration's; <c>null</c> is an empty result.</summary>
    /// <exception cref="CniPluginException">It is not JSON, its version is unknown, or it does not fit its version.</exception>
    public static CniResult Parse(ReadOnlySpan<byte> json, string configVersion)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            using var document = JsonDocument.ParseValue(ref reader);
            if (reader.Read()) // throws for anything but white space, as Go's json.Unmarshal
                throw new JsonException("there is more than one JSON value");
            ListFields.RefuseInvalidText(document.RootElement);
            return Parse(document.RootElement, configVersion);
        }
        catch (JsonException fault)
        {
            throw new CniPluginException(CniErrorCode.Decoding, "the plugin's result cannot be read", fault.Message,
                fault)
            { StandardOutput = PluginOutput.Show(json) };
        }
    }

    /// <summary>Reads a result that is already parsed as JSON.</summary>
    /// <exception cref="CniPluginException">Its version is unknown.</exception>
    /// <exception cref="JsonException">It does not fit its version.</exception>
    public static CniResult Parse(JsonElement json, string configVersion)
    {
        if (json.ValueKind == JsonValueKind.Null)
            return new() { CniVersion = configVersion };
        var version = VersionOf(json) is { Length: > 0 } said ? said : configVersion;
        if (!CniVersions.IsKnown(version))
            throw new CniPluginException(CniErrorCode.IncompatibleVersion, "unsupported CNI result version", version);
        RefuseNullInLists(json);
        if (CniVersions.HasIp4AndIp6(version))
            return Read(json, CniJson.Default.Result020).ToCurrent(version);
        return CniVersions.SaysFamily(version)
            ? Read(json, CniJson.Default.Result040).ToCurrent(version)
            : Read(json, CniJson.Default.CniResult) with { CniVersion = version };
    }

    /// <summary>Writes the result as a version has it, UTF-8. What an older version cannot express is left out.</summary>
    /// <exception cref="CniPluginException">The version is unknown, or cannot express any of the result.</exception>
    public static byte[] Write(CniResult result, string version)
    {
        if (!CniVersions.IsKnown(version))
            throw new CniPluginException(CniErrorCode.IncompatibleVersion, "unsupported CNI result version", version);
        if (CniVersions.HasIp4AndIp6(version))
            return JsonSerializer.SerializeToUtf8Bytes(Result020.From(result, version), CniJson.Default.Result020);
        if (CniVersions.SaysFamily(version))
            return JsonSerializer.SerializeToUtf8Bytes(Result040.From(result, version), CniJson.Default.Result040);
        return JsonSerializer.SerializeToUtf8Bytes(result with { CniVersion = version }, CniJson.Default.CniResult);
    }

    private static T Read<T>(JsonElement json, JsonTypeInfo<T> type) =>
        json.Deserialize(type) ?? throw new JsonException("the result is null");

    // Null as a key's value means that the key is absent. In a list, the position counts: addresses refer to their interface by index.
    private static void RefuseNullInLists(JsonElement value)
    {
        foreach (var member in value.ValueKind == JsonValueKind.Object
            ? value.EnumerateObject().Select(member => (member.Name, member.Value))
            : [])
        {
            if (member.Value.ValueKind == JsonValueKind.Array
                && member.Value.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.Null))
                throw new JsonException($"{member.Name} has null among its values");
            RefuseNullInLists(member.Value);
        }
    }

    private static string? VersionOf(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw new JsonException("a result is a JSON object");
        foreach (var property in json.EnumerateObject())
        {
            if (property.Name.Equals("cniVersion", StringComparison.OrdinalIgnoreCase) && property.Value.ValueKind != JsonValueKind.Null)
                return property.Value.ValueKind == JsonValueKind.String
                    ? property.Value.GetString()
                    : throw new JsonException("cniVersion is not a string");
        }
        return null;
    }
}
