using System.Text.Json.Serialization;

namespace DockerDriver.Doctor;

/// <summary>Findings for programs.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
/// <summary>The JSON of <c>cnid doctor --json</c>.</summary>
[JsonSerializable(typeof(DoctorFinding))]
internal sealed partial class DoctorJson : JsonSerializerContext;
