using System.Text.Json.Serialization;

namespace CniCore.Plugins.MacVlan;

/// <summary>Keys are read in any case, as Go reads them.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true, Converters = [typeof(FlagJson), typeof(NumberJson)])]
[JsonSerializable(typeof(MacVlanConfig))]
internal sealed partial class MacVlanJson : JsonSerializerContext;
