using System.Text.Json.Serialization;

namespace CniCore.Plugins.Ptp;

/// <summary>The JSON of ptp. Keys are case-insensitive, as in Go.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true, Converters = [typeof(FlagJson), typeof(NumberJson)])]
[JsonSerializable(typeof(PtpConfig))]
internal sealed partial class PtpJson : JsonSerializerContext;
