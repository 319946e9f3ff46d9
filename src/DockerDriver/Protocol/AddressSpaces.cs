using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

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
