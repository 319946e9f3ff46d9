using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>
/// Addresses of an endpoint, in CIDR form, and its MAC. In an answer, a field that came filled must stay empty: libnetwork takes it for a
/// change and refuses.
/// </summary>
internal sealed record EndpointInterface(
    [property: JsonPropertyName("Address")] string? Address = "",
    [property: JsonPropertyName("AddressIPv6")] string? AddressIPv6 = "",
    [property: JsonPropertyName("MacAddress")] string? MacAddress = "");
