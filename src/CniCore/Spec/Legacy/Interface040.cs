using System.Text.Json;
using System.Text.Json.Serialization;

namespace CniCore.Spec.Legacy;

/// <summary>An interface of a 0.4.0 result.</summary>
internal sealed record Interface040
{
    [JsonPropertyName("name")]
    public required string Name { get; init => field = value ?? throw new JsonException("an interface has no name"); }

    [JsonPropertyName("mac"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Mac { get; init; }

    [JsonPropertyName("sandbox"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Sandbox { get; init; }
}
