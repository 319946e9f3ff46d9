using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CniCore.Spec;

/// <summary><c>"10.1.0.1"</c>. Go writes a missing address as an empty string, which is read as null.</summary>
internal sealed class IPAddressJson : JsonConverter<IPAddress?>
{
    public override IPAddress? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.GetString();
        if (string.IsNullOrEmpty(text))
            return null;
        return AddressText.TryParse(text, out var parsed) ? parsed : throw new JsonException(AddressText.Complaint(text, "an address"));
    }

    public override void Write(Utf8JsonWriter writer, IPAddress? value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value?.ToString());
}
