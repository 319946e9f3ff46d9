using System.Text.Json.Serialization;
using CniCore.Spec.Legacy;

namespace CniCore.Spec;

/// <summary>Every record of CNI's wire. Keys are read in any case, as Go reads them.</summary>
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
