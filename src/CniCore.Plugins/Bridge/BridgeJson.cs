using System.Text.Json.Serialization;
using CniCore.Spec;

namespace CniCore.Plugins.Bridge;

/// <summary>Keys are read in any case, as Go reads them.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true, Converters = [typeof(FlagJson), typeof(NumberJson)])]
[JsonSerializable(typeof(BridgeFields))]
[JsonSerializable(typeof(BridgeRecord))]
[JsonSerializable(typeof(CniDns))]
internal sealed partial class BridgeJson : JsonSerializerContext;
