using System.Text.Json;

namespace CniCore.Spec;

/// <summary>Reads and writes the error object of plugins.</summary>
internal static class PluginErrorJson
{
    /// <summary>
    /// The error in a failed plugin's output; null if there is none. Some plugins print a result before the error (containernetworking/cni
    /// #571), so the last error object counts.
    /// </summary>
    internal static CniPluginException? TryParse(ReadOnlySpan<byte> output, PluginType plugin, string standardError)
    {
        PluginError? found = null;
        try
        {
            var reader = new Utf8JsonReader(output, new JsonReaderOptions { AllowMultipleValues = true });
            while (reader.Read())
            {
                using var value = JsonDocument.ParseValue(ref reader);
                ListFields.RefuseInvalidText(value.RootElement);
                if (value.RootElement.ValueKind == JsonValueKind.Object && HasCode(value.RootElement))
                    found = value.RootElement.Deserialize(CniJson.Default.PluginError);
            }
        }
        catch (JsonException)
        {
            // What follows is not JSON. The error found before still counts.
        }
        return found is null
            ? null
            : new((CniErrorCode)found.Code, found.Message ?? "", found.Details ?? "") { Plugin = plugin, StandardError = standardError };
    }

    /// <summary>The exception as an error object, UTF-8.</summary>
    public static byte[] Write(CniException fault, string cniVersion)
    {
        var error = fault is CniPluginException plugin
            ? new PluginError(cniVersion, (int)plugin.Code, plugin.Reason, plugin.Details.Length > 0 ? plugin.Details : null)
            : new PluginError(cniVersion, (int)(fault is CniConfigException
                ? CniErrorCode.InvalidConfig
                : CniErrorCode.Internal), fault.Message, null);
        return JsonSerializer.SerializeToUtf8Bytes(error, CniJson.Default.PluginError);
    }

    private static bool HasCode(JsonElement value) =>
        value.EnumerateObject().Any(property =>
            property.Name.Equals("code", StringComparison.OrdinalIgnoreCase) && property.Value.ValueKind == JsonValueKind.Number);
}
