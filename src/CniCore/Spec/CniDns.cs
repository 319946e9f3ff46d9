using System.Text.Json.Serialization;

namespace CniCore.Spec;

/// <summary>The DNS configuration of a result or of a plugin (CNI spec, section 5).</summary>
public sealed record CniDns
{
    /// <summary>Name servers, in order of preference.</summary>
    [JsonPropertyName("nameservers"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? NameServers { get; init; }

    /// <summary>The local domain.</summary>
    [JsonPropertyName("domain"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Domain { get; init; }

    /// <summary>Search domains, in order.</summary>
    [JsonPropertyName("search"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Search { get; init; }

    /// <summary>Resolver options.</summary>
    [JsonPropertyName("options"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Options { get; init; }
}
