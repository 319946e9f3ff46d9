using System.Text.Json.Serialization;

namespace DockerDriver.State;

/// <summary>How far a network is. What a daemon finds in the other phases at its start, one that was killed has left.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NetworkPhase>))]
internal enum NetworkPhase
{
    /// <summary>The engine has listed it. Networks of cnid 0.1 say nothing.</summary>
    Created,

    /// <summary>CreateNetwork has come; the engine has not listed the network since, and may not have it.</summary>
    Creating,

    /// <summary>
    /// DeleteNetwork has come, or it is forgotten. Docker does not come back, whatever the answer (libnetwork, network.go).
    /// </summary>
    Deleting,
}
