using System.Text.Json.Serialization;

namespace DockerDriver.State;

/// <summary>
/// The phase of a network. A network that is found in another phase than <see cref="Created"/> at start was left by a daemon that was
/// killed.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<NetworkPhase>))]
internal enum NetworkPhase
{
    /// <summary>The engine has listed the network. Records of cnid 0.1 have no phase.</summary>
    Created,

    /// <summary>CreateNetwork has come; the engine has not listed the network yet, and may not have it.</summary>
    Creating,

    /// <summary>
    /// DeleteNetwork has come, or the network is forgotten. Docker does not repeat the call, whatever the answer (libnetwork, network.go).
    /// </summary>
    Deleting,
}
