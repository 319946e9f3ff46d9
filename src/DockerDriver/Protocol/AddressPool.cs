using System.Text.Json;
using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>
/// A pool of Docker's IPAM: <c>--ipam-driver null</c> is the address space <c>null</c> with the pool <c>0.0.0.0/0</c>. Gateway and
/// auxiliary addresses carry the pool's prefix length.
/// </summary>
internal sealed record AddressPool(
    [property: JsonPropertyName("AddressSpace")] string? AddressSpace = null,
    [property: JsonPropertyName("Pool")] string? Pool = null,
    [property: JsonPropertyName("Gateway")] string? Gateway = null,
    [property: JsonPropertyName("AuxAddresses")] IReadOnlyDictionary<string, JsonElement>? AuxAddresses = null);
