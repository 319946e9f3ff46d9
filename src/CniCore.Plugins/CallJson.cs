using System.Text.Json.Serialization;

namespace CniCore.Plugins;

/// <summary>The JSON of the common keys. Keys are case-insensitive, as in Go.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(CallFields))]
internal sealed partial class CallJson : JsonSerializerContext;
