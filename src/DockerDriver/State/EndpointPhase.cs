using System.Text.Json.Serialization;

namespace DockerDriver.State;

/// <summary>The phase of an endpoint. It is on disk before the step that it names is taken.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EndpointPhase>))]
internal enum EndpointPhase
{
    /// <summary>CreateEndpoint has been answered; no plugin has run.</summary>
    Announced,

    /// <summary>ADD is running, or has succeeded, in the holding namespace.</summary>
    Held,

    /// <summary>Join has been answered; libnetwork moves the interface into the sandbox.</summary>
    Joined,

    /// <summary>
    /// Leave has come for a container that continues to run. libnetwork moves the interface out of the sandbox, then calls DeleteEndpoint.
    /// Nothing is replayed into the sandbox any more.
    /// </summary>
    Left,

    /// <summary>DEL is to run, until it has succeeded.</summary>
    Leaving,
}
