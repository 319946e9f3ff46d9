using System.Text.Json.Serialization;

namespace CniCore.Spec.Legacy;

/// <summary>An interface of such a result.</summary>
internal sealed record Interface040
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("mac"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Mac { get; init; }

    [JsonPropertyName("sandbox"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Sandbox { get; init; }
}
