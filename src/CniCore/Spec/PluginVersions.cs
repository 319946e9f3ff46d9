using System.Text.Json;
using System.Text.Json.Serialization;

namespace CniCore.Spec;

/// <summary>A plugin's answer to VERSION.</summary>
/// <param name="CniVersion">The version of the answer.</param>
/// <param name="Supported">The supported versions, in the plugin's order.</param>
internal sealed record PluginVersions(
    [property: JsonPropertyName("cniVersion")] string CniVersion,
    [property: JsonPropertyName("supportedVersions")] IReadOnlyList<string>? Supported)
{
    /// <summary>The assumed answer of a plugin without VERSION (libcni pkg/invoke).</summary>
    public static readonly PluginVersions OfVerblessPlugin = new(CniVersions.Oldest, [CniVersions.Oldest]);

    /// <summary>The answer of the built-ins.</summary>
    public static readonly PluginVersions OfBuiltins = new(CniVersions.Newest, CniVersions.All);

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, CniJson.Default.PluginVersions);

    /// <exception cref="CniPluginException">The answer is unusable.</exception>
    public static PluginVersions Parse(ReadOnlySpan<byte> answer, PluginType plugin)
    {
        try
        {
            var parsed = JsonSerializer.Deserialize(answer, CniJson.Default.PluginVersions);
            if (parsed is { CniVersion.Length: > 0, Supported.Count: > 0 })
                return parsed;
            // The answer of spec 0.2.0 had no list.
            if (parsed is { CniVersion: "0.2.0", Supported: null })
                return parsed with { Supported = [CniVersions.Oldest, "0.2.0"] };
        }
        catch (JsonException)
        {
            // The exception below names the plugin.
        }
        throw new CniPluginException(CniErrorCode.Decoding, $"plugin {plugin} gave no usable answer to VERSION")
        {
            Plugin = plugin,
            StandardOutput = PluginOutput.Show(answer)
        };
    }
}
