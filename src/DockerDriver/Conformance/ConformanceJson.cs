using System.Text.Json.Serialization;

namespace DockerDriver.Conformance;

/// <summary>Reports, and what the isolated half is told to try.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ConformanceReport))]
[JsonSerializable(typeof(Subject))]
internal sealed partial class ConformanceJson : JsonSerializerContext;
