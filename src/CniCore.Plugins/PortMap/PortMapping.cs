using System.Text.Json.Serialization;

namespace CniCore.Plugins.PortMap;

/// <summary>An entry of the capability <c>portMappings</c> (CNI conventions).</summary>
internal sealed record PortMapping
{
    [JsonPropertyName("hostPort")]
    public int HostPort { get; init; }

    [JsonPropertyName("containerPort")]
    public int ContainerPort { get; init; }

    /// <summary><see cref="Protocol"/> as written; may be missing.</summary>
    [JsonInclude, JsonPropertyName("protocol")]
    internal string? WireProtocol { get; init; }

    /// <summary><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</summary>
    [JsonIgnore]
    public string Protocol => string.IsNullOrEmpty(WireProtocol) ? "tcp" : WireProtocol.ToLowerInvariant();

    /// <summary>The host address; empty for all, <c>0.0.0.0</c> and <c>::</c> for all of a family.</summary>
    [JsonPropertyName("hostIP")]
    public string? HostIp { get; init; }

    /// <summary>In Docker's form: <c>0.0.0.0:8080</c>, <c>[::1]:8080</c>.</summary>
    [JsonIgnore]
    public string HostSide => HostIp switch
    {
        null or "" => $"0.0.0.0:{HostPort}",
        _ when HostIp.Contains(':', StringComparison.Ordinal) => $"[{HostIp}]:{HostPort}",
        _ => $"{HostIp}:{HostPort}",
    };
}
