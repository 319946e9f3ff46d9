using System.Text.Json.Serialization;

namespace CniCore.Plugins.MacVlan;

/// <summary>The JSON of macvlan. Keys are case-insensitive, as in Go.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true, Converters = [typeof(FlagJson), typeof(NumberJson)])]
[JsonSerializable(typeof(MacVlanConfig))]
internal sealed partial class MacVlanJson : JsonSerializerContext;
