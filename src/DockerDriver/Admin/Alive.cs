using System.Text.Json.Serialization;

namespace DockerDriver.Admin;

/// <summary>The answer of <c>GET /health</c>: whoever gets it knows that the daemon runs and answers, and no more.</summary>
internal sealed record Alive([property: JsonPropertyName("alive")] bool IsAlive)
{
    public static readonly Alive Instance = new(true);
}
