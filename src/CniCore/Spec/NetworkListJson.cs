using System.Text.Json;
using System.Text.Json.Serialization;

namespace CniCore.Spec;

/// <summary>
/// A <see cref="NetworkList"/> as a property of a stored record. <see cref="NetworkList.Source"/> and
/// <see cref="NetworkList.PrefersBuiltins"/> are not part of a list's JSON.
/// </summary>
public sealed class NetworkListJson : JsonConverter<NetworkList>
{
    /// <inheritdoc/>
    /// <exception cref="JsonException">The list is broken.</exception>
    /// <exception cref="NotSupportedException">The list is valid only in versions of CNI that this runtime does not know.</exception>
    public override NetworkList Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return NetworkListReader.Read(JsonElement.ParseValue(ref reader));
        }
        catch (CniConfigException fault) when (fault.IsOfUnknownVersion)
        {
            throw new NotSupportedException(fault.Message, fault);
        }
        catch (CniConfigException fault)
        {
            throw new JsonException(fault.Message, fault);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, NetworkList value, JsonSerializerOptions options) => value.WriteTo(writer);
}
