using System.Text.Json.Serialization;
using CniCore.Spec;

namespace CniCore.Plugins.Static;

/// <summary>The JSON of static. Keys are case-insensitive, as in Go.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true,
    Converters = [typeof(CidrAddressJson), typeof(IPAddressJson), typeof(NumberJson)])]
[JsonSerializable(typeof(StaticFields))]
internal sealed partial class StaticJson : JsonSerializerContext;
