using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>
/// Answer to <c>IpamDriver.GetCapabilities</c>. With a replay the engine names every pool and address it knows again when it starts.
/// </summary>
internal sealed record IpamCapabilities(
    [property: JsonPropertyName("RequiresMACAddress")] bool RequiresMacAddress,
    [property: JsonPropertyName("RequiresRequestReplay")] bool RequiresRequestReplay);

/// <summary>
/// Answer to <c>IpamDriver.GetDefaultAddressSpaces</c>. Both are one: since Docker 27 libnetwork asks for another pool for as long as one
/// of a local space overlaps a route of the host, for ever where there is no other (ipams/remote/remote.go, RequestPool).
/// </summary>
internal sealed record AddressSpaces(
    [property: JsonPropertyName("LocalDefaultAddressSpace")] string Local,
    [property: JsonPropertyName("GlobalDefaultAddressSpace")] string Global)
{
    /// <summary>Ours. <c>CreateNetwork</c> has it with its pools, which is all that tells whose they are.</summary>
    public const string Cni = "cni";
}

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

/// <summary>Answer to <c>RequestPool</c>. A gateway in <see cref="Data"/> saves the engine asking for one.</summary>
internal sealed record PoolRequested(
    [property: JsonPropertyName("PoolID")] string PoolId,
    [property: JsonPropertyName("Pool")] string Pool,
    [property: JsonPropertyName("Data")] IReadOnlyDictionary<string, string> Data);

/// <summary><c>IpamDriver.ReleasePool</c>: comes before <c>DeleteNetwork</c>.</summary>
internal sealed record ReleasePool([property: JsonPropertyName("PoolID")] string PoolId);

/// <summary>
/// <c>IpamDriver.RequestAddress</c>: for a gateway (<see cref="Options"/> say so), an auxiliary address, an endpoint, or one of them again
/// when the engine starts. For a new endpoint, Docker 29 says the container's name; older ones do not say whose it is.
/// </summary>
internal sealed record RequestAddress(
    [property: JsonPropertyName("PoolID")] string PoolId,
    [property: JsonPropertyName("Address")] string? Address = null,
    [property: JsonPropertyName("Options")] IReadOnlyDictionary<string, string>? Options = null);

/// <summary>Answer to <c>RequestAddress</c>: an address with the prefix length it is to have.</summary>
internal sealed record AddressRequested(
    [property: JsonPropertyName("Address")] string Address,
    [property: JsonPropertyName("Data")] IReadOnlyDictionary<string, string> Data);

/// <summary>
/// <c>IpamDriver.ReleaseAddress</c>, without a prefix length; empty where Docker has none to release (libnetwork ipams/remote/remote.go).
/// </summary>
internal sealed record ReleaseAddress(
    [property: JsonPropertyName("PoolID")] string PoolId,
    [property: JsonPropertyName("Address")] string? Address = null);
