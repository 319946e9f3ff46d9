using System.Net;
using System.Text.Json.Serialization;
using CniCore.Spec;

namespace CniCore.Plugins.HostLocal;

/// <summary>A range, as written.</summary>
internal record RangeFields
{
    [JsonPropertyName("subnet")]
    public CidrAddress? Subnet { get; init; }

    [JsonPropertyName("rangeStart")]
    public IPAddress? RangeStart { get; init; }

    [JsonPropertyName("rangeEnd")]
    public IPAddress? RangeEnd { get; init; }

    [JsonPropertyName("gateway")]
    public IPAddress? Gateway { get; init; }
}
