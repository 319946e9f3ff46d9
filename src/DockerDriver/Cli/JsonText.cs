using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DockerDriver.Cli;

/// <summary>JSON with an indentation of four, as in cnitool.</summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions Indentation =
        new() { Indented = true, IndentSize = 4, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A JSON array of the items.</summary>
    public static ReadOnlyMemory<byte> Array(IEnumerable<JsonObject> items) =>
        Encoding.UTF8.GetBytes(new JsonArray([.. items]).ToJsonString());

    public static string Indented(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text, Indentation))
            document.RootElement.WriteTo(writer);
        return Encoding.UTF8.GetString(text.ToArray());
    }
}
