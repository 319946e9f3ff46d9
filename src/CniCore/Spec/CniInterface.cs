using System.Text.Json;
using System.Text.Json.Serialization;

namespace CniCore.Spec;

/// <summary>
/// An interface of a result. <see cref="Sandbox"/> is the path of the container's network namespace, empty for an interface of the host.
/// </summary>
public sealed record CniInterface
{
    /// <summary>Its name in its namespace.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init => field = value ?? throw new JsonException("an interface has no name"); }

    /// <summary>Its hardware address, <c>aa:bb:cc:dd:ee:ff</c>.</summary>
    [JsonPropertyName("mac"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Mac { get; init; }

    /// <summary>Its MTU in bytes (1.1.0).</summary>
    [JsonPropertyName("mtu"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Mtu { get; init; }

    /// <summary>The path of its network namespace; null or empty for the host's.</summary>
    [JsonPropertyName("sandbox"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Sandbox { get; init; }

    /// <summary>A vhost-user socket (1.1.0).</summary>
    [JsonPropertyName("socketPath"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SocketPath { get; init; }

    /// <summary>A PCI address (1.1.0).</summary>
    [JsonPropertyName("pciID"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PciId { get; init; }
}
