using System.Text.Json;
using System.Text.Json.Serialization;

namespace CniCore.Spec;

/// <summary>A plugin's answer to VERSION: the versions it speaks.</summary>
/// <param name="CniVersion">The version of the answer.</param>
/// <param name="Supported">Every version it speaks, as it wrote them.</param>
internal sealed record PluginVersions(
    [property: JsonPropertyName("cniVersion")] string CniVersion,
    [property: JsonPropertyName("supportedVersions")] IReadOnlyList<string>? Supported)
{
    /// <summary>What is assumed of a plugin that does not know VERSION (libcni pkg/invoke).</summary>
    public static readonly PluginVersions OfVerblessPlugin = new(CniVersions.Oldest, [CniVersions.Oldest]);

    /// <summary>What the built-ins speak.</summary>
    public static readonly PluginVersions OfBuiltins = new(CniVersions.Newest, CniVersions.All);

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, CniJson.Default.PluginVersions);

    /// <exception cref="CniPluginException">It is no such answer.</exception>
    public static PluginVersions Parse(ReadOnlySpan<byte> answer, PluginType plugin)
    {
        try
        {
            var parsed = JsonSerializer.Deserialize(answer, CniJson.Default.PluginVersions);
            if (parsed is { CniVersion.Length: > 0, Supported.Count: > 0 })
                return parsed;
            // The first answer of all had no list (spec 0.2.0).
            if (parsed is { CniVersion: "0.2.0", Supported: null })
                return parsed with { Supported = [CniVersions.Oldest, "0.2.0"] };
        }
        catch (JsonException)
        {
            // Said below, with the plugin's name.
        }
        throw new CniPluginException(CniErrorCode.Decoding, $"plugin {plugin} gave no usable answer to VERSION") { Plugin = plugin,
            StandardOutput = PluginOutput.Show(answer) };
    }
}
