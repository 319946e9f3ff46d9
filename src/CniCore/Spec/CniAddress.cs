using System.Net;
using System.Text.Json.Serialization;

namespace CniCore.Spec;

/// <summary>An address of a result.</summary>
public sealed record CniAddress
{
    /// <summary>The index of its interface in the result; null if the plugin did not say.</summary>
    [JsonPropertyName("interface"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Interface { get; init; }

    /// <summary>The address with its prefix length.</summary>
    [JsonPropertyName("address")]
    public required CidrAddress Address { get; init; }

    /// <summary>The gateway of its subnet; null for none.</summary>
    [JsonPropertyName("gateway"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IPAddress? Gateway { get; init; }
}
