using System.Text.Json.Serialization;

namespace CniCore.Plugins.Tuning;

/// <summary>The JSON of tuning. Keys are case-insensitive, as in Go.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true, Converters = [typeof(FlagJson), typeof(NumberJson)])]
[JsonSerializable(typeof(TuningConfig))]
[JsonSerializable(typeof(TuningBackup))]
internal sealed partial class TuningJson : JsonSerializerContext;
