using System.Text.Json.Serialization;

namespace Conformance;

/// <summary>Reports, and what the isolated half is told to try.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ConformanceReport))]
/// <summary>The JSON of reports, and of the isolated process's input.</summary>
[JsonSerializable(typeof(PluginUnderTest))]
internal sealed partial class ConformanceJson : JsonSerializerContext;
