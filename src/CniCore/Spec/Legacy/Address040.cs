using System.Net;
using System.Net.Sockets;
using System.Text.Json.Serialization;

namespace CniCore.Spec.Legacy;

/// <summary>An address of a 0.4.0 result.</summary>
internal sealed record Address040
{
    [JsonPropertyName("version")]
    public string Version { get; init; } = "";

    [JsonPropertyName("interface"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Interface { get; init; }

    [JsonPropertyName("address")]
    public required CidrAddress Address { get; init; }

    [JsonPropertyName("gateway"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IPAddress? Gateway { get; init; }

    public static Address040 From(CniAddress ip) => new()
    {
        Version = ip.Address.Address.AddressFamily == AddressFamily.InterNetwork ? "4" : "6",
        Interface = ip.Interface,
        Address = ip.Address,
        Gateway = ip.Gateway,
    };
}
