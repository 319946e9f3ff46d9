using System.Text.Json.Serialization;

namespace CniCore.Plugins.PortMap;

/// <summary>Keys are read in any case, as Go reads them.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true, Converters = [typeof(FlagJson), typeof(NumberJson)])]
[JsonSerializable(typeof(PortMapConfig))]
internal sealed partial class PortMapJson : JsonSerializerContext;
