using System.Net;
using System.Text.Json.Serialization;

namespace CniCore.Spec;

/// <summary>A route of a result. Without <see cref="Gateway"/> it uses the first gateway of its family.</summary>
public sealed record CniRoute
{
    /// <summary>The destination.</summary>
    [JsonPropertyName("dst")]
    public required CidrAddress Destination { get; init; }

    /// <summary>The next hop; null for the first gateway of the family.</summary>
    [JsonPropertyName("gw"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IPAddress? Gateway { get; init; }

    /// <summary>Path MTU in bytes (1.1.0).</summary>
    [JsonPropertyName("mtu"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Mtu { get; init; }

    /// <summary>Advertised maximum segment size in bytes (1.1.0).</summary>
    [JsonPropertyName("advmss"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? AdvMss { get; init; }

    /// <summary>The metric; the lowest wins (1.1.0).</summary>
    [JsonPropertyName("priority"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Priority { get; init; }

    /// <summary>Routing table (1.1.0); null is the main table.</summary>
    [JsonPropertyName("table"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Table { get; init; }

    /// <summary>rtnetlink's scope (1.1.0): 0 universe, 253 link, 254 host.</summary>
    [JsonPropertyName("scope"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Scope { get; init; }

    /// <summary>Whether it is a default route.</summary>
    [JsonIgnore]
    public bool IsDefault => Destination.PrefixLength == 0;
}
