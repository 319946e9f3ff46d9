using System.Text.Json;
using System.Text.Json.Serialization;

namespace CniCore.Spec;

/// <summary><c>"10.1.0.5/16"</c>. Like Go's types.IPNet, it also accepts a lone address as a host route.</summary>
internal sealed class CidrAddressJson : JsonConverter<CidrAddress>
{
    public override CidrAddress Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.GetString();
        return CidrAddress.TryParse(text, out var parsed)
            ? parsed
            : throw new JsonException(AddressText.Complaint(text ?? "null", "an address with a prefix length"));
    }

    public override void Write(Utf8JsonWriter writer, CidrAddress value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
