using System.Text.Json.Serialization;

namespace DockerDriver.State;

/// <summary>How far an endpoint has come. On disk before the step it names is taken.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EndpointPhase>))]
internal enum EndpointPhase
{
    /// <summary>Docker has announced it; no plugin has run.</summary>
    Announced,

    /// <summary>ADD is running, or has made it in its holding namespace.</summary>
    Held,

    /// <summary>Handed to libnetwork, which moves the interface into the sandbox.</summary>
    Joined,

    /// <summary>
    /// Out of a container that runs on. libnetwork takes the interface out of the sandbox and removes the endpoint next: nothing follows it
    /// in any more.
    /// </summary>
    Left,

    /// <summary>To be unmade; stays until DEL has succeeded.</summary>
    Leaving,
}
