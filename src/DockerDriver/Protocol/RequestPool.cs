using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>
/// <c>IpamDriver.RequestPool</c>. <see cref="Options"/> are those of <c>--ipam-opt</c>; neither the network nor its <c>-o</c> options are
/// told.
/// </summary>
internal sealed record RequestPool(
    [property: JsonPropertyName("AddressSpace")] string? AddressSpace = null,
    [property: JsonPropertyName("Pool")] string? Pool = null,
    [property: JsonPropertyName("SubPool")] string? SubPool = null,
    [property: JsonPropertyName("Options")] IReadOnlyDictionary<string, string>? Options = null,
    [property: JsonPropertyName("V6")] bool V6 = false);
