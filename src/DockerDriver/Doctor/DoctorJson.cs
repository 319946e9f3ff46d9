using System.Text.Json.Serialization;

namespace DockerDriver.Doctor;

/// <summary>The JSON of <c>cnid doctor --json</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DoctorFinding))]
internal sealed partial class DoctorJson : JsonSerializerContext;
