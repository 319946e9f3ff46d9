using System.Text.Json;
using Docker.DotNet;

namespace DockerDriver.Hosting;

/// <summary>The engine's API: how it is reached, and what the ways in which it fails and names things have in common.</summary>
internal static class DockerApi
{
    /// <exception cref="UriFormatException">The setting <c>docker-host</c> is no address.</exception>
    public static DockerClient Connect(Settings settings) => new DockerClientBuilder().WithEndpoint(new Uri(settings.DockerHost)).Build();

    /// <summary>Whether a fault is the engine's: it is down, refuses, or says what is no JSON, as a proxy before one that is down does.</summary>
    public static bool IsFault(Exception fault) => fault is DockerApiException or HttpRequestException or IOException or TimeoutException or JsonException;

    /// <summary>A container's name; null where it has none. A link gives it a second one, with the other's in it.</summary>
    public static string? NameOf(IEnumerable<string>? names) => names?.Select(name => name.TrimStart('/')).FirstOrDefault(name => !name.Contains('/', StringComparison.Ordinal));
}
