using System.Text.Json.Serialization;

namespace CniCore.Plugins.Interfaces;

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ForwardingRecord))]
internal sealed partial class ForwardingJson : JsonSerializerContext;
