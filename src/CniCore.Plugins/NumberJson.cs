using System.Text.Json;
using System.Text.Json.Serialization;
using CniCore.Spec;

namespace CniCore.Plugins;

/// <summary>An integer; null counts as absent, hence 0, as in Go.</summary>
internal sealed class NumberJson : JsonConverter<int>
{
    public override bool HandleNull => true;

    public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return 0;
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number)
            ? number
            : throw new JsonException($"{Shown(ref reader)} is not a whole number");
    }

    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) => writer.WriteNumberValue(value);

    /// <summary>The value, for a message.</summary>
    public static string Shown(ref Utf8JsonReader reader)
    {
        using var value = JsonDocument.ParseValue(ref reader);
        return value.RootElement.ValueKind == JsonValueKind.String
            ? $"the string {Identifier.Quote(value.RootElement.GetString()!)}"
            : value.RootElement.GetRawText();
    }
}
