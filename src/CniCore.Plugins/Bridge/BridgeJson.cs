using System.Text.Json.Serialization;
using CniCore.Spec;

namespace CniCore.Plugins.Bridge;

/// <summary>The JSON of the bridge plugin. Keys are case-insensitive, as in Go.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true, Converters = [typeof(FlagJson), typeof(NumberJson)])]
[JsonSerializable(typeof(BridgeFields))]
[JsonSerializable(typeof(BridgeRecord))]
[JsonSerializable(typeof(CniDns))]
internal sealed partial class BridgeJson : JsonSerializerContext;
