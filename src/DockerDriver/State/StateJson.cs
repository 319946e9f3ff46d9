using System.Text.Json.Serialization;

namespace DockerDriver.State;

/// <summary>The JSON of the files in the state folder.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    IgnoreReadOnlyProperties = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StoredNetwork))]
[JsonSerializable(typeof(StoredEndpoint))]
[JsonSerializable(typeof(StoredPool))]
[JsonSerializable(typeof(StoredReservation))]
[JsonSerializable(typeof(StoredContainer))]
[JsonSerializable(typeof(StoredStart))]
internal sealed partial class StateJson : JsonSerializerContext;
