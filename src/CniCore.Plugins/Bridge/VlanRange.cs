using System.Text.Json.Serialization;

namespace CniCore.Plugins.Bridge;

/// <summary>An entry of <c>vlanTrunk</c>: one VLAN, or the first and last of a range.</summary>
internal sealed record VlanRange(
    [property: JsonPropertyName("id")] int? Id,
    [property: JsonPropertyName("minID")] int? MinId,
    [property: JsonPropertyName("maxID")] int? MaxId)
{
    /// <summary>The VLANs; null if the entry is invalid.</summary>
    public IEnumerable<int>? Ids =>
        Id is { } id && MinId is null && MaxId is null && IsVlan(id) ? [id]
        : Id is null && MinId is { } first && MaxId is { } last && IsVlan(first) && IsVlan(last)
            && first <= last ? Enumerable.Range(first, last - first + 1)
        : null;

    public static bool IsVlan(int id) => id is >= 1 and <= 4094;
}
