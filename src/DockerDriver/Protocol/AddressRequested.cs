using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>Answer to <c>RequestAddress</c>: an address with the prefix length it is to have.</summary>
internal sealed record AddressRequested(
    [property: JsonPropertyName("Address")] string Address,
    [property: JsonPropertyName("Data")] IReadOnlyDictionary<string, string> Data);
