using System.Text.Json;
using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>
/// <c>NetworkDriver.CreateNetwork</c>. <c>-o</c> options lie in <see cref="Options"/> under <c>com.docker.network.generic</c>;
/// the network's name and labels are not told.
/// </summary>
internal sealed record CreateNetwork(
    [property: JsonPropertyName("NetworkID")] string NetworkId,
    [property: JsonPropertyName("Options")] IReadOnlyDictionary<string, JsonElement>? Options = null,
    [property: JsonPropertyName("IPv4Data")] IReadOnlyList<AddressPool>? IPv4Data = null,
    [property: JsonPropertyName("IPv6Data")] IReadOnlyList<AddressPool>? IPv6Data = null);
