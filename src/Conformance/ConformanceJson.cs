using System.Text.Json.Serialization;

namespace Conformance;

/// <summary>The JSON of reports, and of the isolated process's input.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ConformanceReport))]
[JsonSerializable(typeof(PluginUnderTest))]
internal sealed partial class ConformanceJson : JsonSerializerContext;
