using System.Net;
using System.Text.Json.Serialization;

namespace CniCore.Spec;

/// <summary>An address of a result.</summary>
public sealed record CniAddress
{
    /// <summary>Which of the result's interfaces has it, by index; null where the plugin did not say.</summary>
    [JsonPropertyName("interface"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Interface { get; init; }

    /// <summary>The address with its prefix length.</summary>
    [JsonPropertyName("address")]
    public required CidrAddress Address { get; init; }

    /// <summary>The gateway of its subnet, if any.</summary>
    [JsonPropertyName("gateway"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IPAddress? Gateway { get; init; }
}
