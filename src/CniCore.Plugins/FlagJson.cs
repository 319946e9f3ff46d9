using System.Text.Json;
using System.Text.Json.Serialization;

namespace CniCore.Plugins;

/// <summary><c>true</c> or <c>false</c>; null counts as absent, hence false, as in Go.</summary>
internal sealed class FlagJson : JsonConverter<bool>
{
    public override bool HandleNull => true;

    public override bool Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False or JsonTokenType.Null => false,
        _ => throw new JsonException($"{NumberJson.Shown(ref reader)} is neither true nor false"),
    };

    public override void Write(Utf8JsonWriter writer, bool value, JsonSerializerOptions options) => writer.WriteBooleanValue(value);
}
