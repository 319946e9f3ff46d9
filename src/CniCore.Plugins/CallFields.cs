using System.Text.Json;
using System.Text.Json.Serialization;

namespace CniCore.Plugins;

/// <summary>The keys that every plugin's request has (CNI spec, section 1).</summary>
internal sealed record CallFields
{
    [JsonPropertyName("name")]
    public string? Name { get; init; }

    [JsonPropertyName("cniVersion")]
    public string? CniVersion { get; init; }

    [JsonPropertyName("ipam")]
    public IpamField? Ipam { get; init; }

    [JsonPropertyName("prevResult")]
    public JsonElement? PrevResult { get; init; }

    [JsonPropertyName("cni.dev/valid-attachments")]
    public IReadOnlyList<ValidAttachment>? ValidAttachments { get; init; }

    /// <summary>The key of <c>ipam</c> that the calling plugin reads.</summary>
    internal sealed record IpamField([property: JsonPropertyName("type")] string? Type);
}
