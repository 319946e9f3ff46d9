using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>
/// The answer that says no. Docker shows <see cref="Reason"/> to its user as it stands. A network driver's is called <c>Err</c>, an IPAM
/// driver's <c>Error</c>.
/// </summary>
internal sealed record Refusal([property: JsonPropertyName("Err")] string Reason)
{
    [JsonPropertyName("Error")]
    public string IpamReason => Reason;
}
