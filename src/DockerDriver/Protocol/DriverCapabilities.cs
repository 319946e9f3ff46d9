using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>
/// Answer to <c>NetworkDriver.GetCapabilities</c>. <see cref="GwAllocChecker"/> exists since Docker 28; older engines pass over it.
/// </summary>
internal sealed record DriverCapabilities(
    [property: JsonPropertyName("Scope")] string Scope,
    [property: JsonPropertyName("ConnectivityScope")] string ConnectivityScope,
    [property: JsonPropertyName("GwAllocChecker")] bool GwAllocChecker);
