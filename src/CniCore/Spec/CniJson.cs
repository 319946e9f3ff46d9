using System.Text.Json.Serialization;
using CniCore.Spec.Legacy;

namespace CniCore.Spec;

/// <summary>The JSON of CNI's wire records. Keys are case-insensitive, as in Go.</summary>
[JsonSourceGenerationOptions(
    PropertyNameCaseInsensitive = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(CidrAddressJson), typeof(IPAddressJson)])]
[JsonSerializable(typeof(CniResult))]
[JsonSerializable(typeof(CniDns))]
[JsonSerializable(typeof(Result020))]
[JsonSerializable(typeof(Result040))]
[JsonSerializable(typeof(PluginError))]
[JsonSerializable(typeof(PluginVersions))]
internal sealed partial class CniJson : JsonSerializerContext;
