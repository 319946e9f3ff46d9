using System.Text.Json.Serialization;
using CniCore.Spec;

namespace CniCore.Plugins.Static;

/// <summary>Keys are read in any case, as Go reads them.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true,
    Converters = [typeof(CidrAddressJson), typeof(IPAddressJson), typeof(NumberJson)])]
[JsonSerializable(typeof(StaticFields))]
internal sealed partial class StaticJson : JsonSerializerContext;
