using System.Text.Json.Serialization;

namespace CniCore.Plugins.Ptp;

/// <summary>Keys are read in any case, as Go reads them.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true, Converters = [typeof(FlagJson), typeof(NumberJson)])]
[JsonSerializable(typeof(PtpConfig))]
internal sealed partial class PtpJson : JsonSerializerContext;
