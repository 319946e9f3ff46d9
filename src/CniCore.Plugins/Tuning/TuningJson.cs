using System.Text.Json.Serialization;

namespace CniCore.Plugins.Tuning;

/// <summary>Keys are read in any case, as Go reads them.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true, Converters = [typeof(FlagJson), typeof(NumberJson)])]
[JsonSerializable(typeof(TuningConfig))]
[JsonSerializable(typeof(TuningBackup))]
internal sealed partial class TuningJson : JsonSerializerContext;
