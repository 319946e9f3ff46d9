using System.Text.Json.Serialization;

namespace CniCore.Plugins.PortMap;

/// <summary>The JSON of portmap. Keys are case-insensitive, as in Go.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true, Converters = [typeof(FlagJson), typeof(NumberJson)])]
[JsonSerializable(typeof(PortMapConfig))]
internal sealed partial class PortMapJson : JsonSerializerContext;
