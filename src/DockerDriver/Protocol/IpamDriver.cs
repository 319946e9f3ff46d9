using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>
/// Answer to <c>IpamDriver.GetCapabilities</c>. With replay, the engine requests every known pool and address again at its start.
/// </summary>
internal sealed record IpamCapabilities(
    [property: JsonPropertyName("RequiresMACAddress")] bool RequiresMacAddress,
    [property: JsonPropertyName("RequiresRequestReplay")] bool RequiresRequestReplay);

/// <summary>
/// Answer to <c>IpamDriver.GetDefaultAddressSpaces</c>. Both have the same value: since Docker 27 libnetwork requests pools of the local
/// space repeatedly until one overlaps no route of the host, endlessly where there is only one (ipams/remote/remote.go, RequestPool).
/// </summary>
internal sealed record AddressSpaces(
    [property: JsonPropertyName("LocalDefaultAddressSpace")] string Local,
    [property: JsonPropertyName("GlobalDefaultAddressSpace")] string Global)
{
    /// <summary>cnid's address space. In <c>CreateNetwork</c> it tells that cnid's IPAM driver provided the pools.</summary>
    public const string Cni = "cni";
}

/// <summary>
/// <c>IpamDriver.RequestPool</c>. <see cref="Options"/> are those of <c>--ipam-opt</c>; the network and its <c>-o</c> options are not
/// passed.
/// </summary>
internal sealed record RequestPoolRequest(
    [property: JsonPropertyName("AddressSpace")] string? AddressSpace = null,
    [property: JsonPropertyName("Pool")] string? Pool = null,
    [property: JsonPropertyName("SubPool")] string? SubPool = null,
    [property: JsonPropertyName("Options")] IReadOnlyDictionary<string, string>? Options = null,
    [property: JsonPropertyName("V6")] bool V6 = false);

/// <summary>Answer to <c>RequestPool</c>. With a gateway in <see cref="Data"/> the engine does not request one.</summary>
internal sealed record RequestPoolResponse(
    [property: JsonPropertyName("PoolID")] string PoolId,
    [property: JsonPropertyName("Pool")] string Pool,
    [property: JsonPropertyName("Data")] IReadOnlyDictionary<string, string> Data);

/// <summary><c>IpamDriver.ReleasePool</c>, before <c>DeleteNetwork</c>.</summary>
internal sealed record ReleasePoolRequest([property: JsonPropertyName("PoolID")] string PoolId);

/// <summary>
/// <c>IpamDriver.RequestAddress</c>: for a gateway (see <see cref="Options"/>), an auxiliary address, an endpoint, or for each of them
/// again at the engine's start. For a new endpoint Docker 29 passes the container's name; older engines do not tell whose address it is.
/// </summary>
internal sealed record RequestAddressRequest(
    [property: JsonPropertyName("PoolID")] string PoolId,
    [property: JsonPropertyName("Address")] string? Address = null,
    [property: JsonPropertyName("Options")] IReadOnlyDictionary<string, string>? Options = null);

/// <summary>Answer to <c>RequestAddress</c>: an address with prefix length.</summary>
internal sealed record RequestAddressResponse(
    [property: JsonPropertyName("Address")] string Address,
    [property: JsonPropertyName("Data")] IReadOnlyDictionary<string, string> Data);

/// <summary>
/// <c>IpamDriver.ReleaseAddress</c>, without a prefix length; empty where Docker has none to release (libnetwork ipams/remote/remote.go).
/// </summary>
internal sealed record ReleaseAddressRequest(
    [property: JsonPropertyName("PoolID")] string PoolId,
    [property: JsonPropertyName("Address")] string? Address = null);
