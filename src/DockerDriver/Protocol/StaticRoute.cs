using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>A route of a <c>Join</c> answer. A default route here fails the start on Docker 28, an empty destination panics it.</summary>
internal sealed record StaticRoute(
    [property: JsonPropertyName("Destination")] string Destination,
    [property: JsonPropertyName("RouteType")] int RouteType,
    [property: JsonPropertyName("NextHop")] string NextHop)
{
    /// <summary>Through <see cref="NextHop"/> (libnetwork types.NEXTHOP).</summary>
    public const int Via = 0;

    /// <summary>On the interface itself (libnetwork types.CONNECTED); NextHop is empty.</summary>
    public const int Connected = 1;
}
