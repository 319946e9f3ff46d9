using System.Text.Json.Serialization;

namespace CniCore.Plugins;

/// <summary>Keys are read in any case, as Go reads them.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(CallFields))]
internal sealed partial class CallJson : JsonSerializerContext;
