namespace DockerDriver.Engine;

/// <summary>Somebody who is told of the engine's events as they come, and is not to keep the others waiting.</summary>
internal sealed class EngineSubscriber
{
    /// <summary>A stream of events begins: what happened before it has not been told.</summary>
    public Action Began { get; init; } = () => { };

    /// <summary>Something has happened to a container, by its id and labels.</summary>
    public Action<string, IDictionary<string, string>> ContainerChanged { get; init; } = (_, _) => { };

    /// <summary>A container was disconnected from the network of that id.</summary>
    public Action<string> Disconnected { get; init; } = _ => { };

    /// <summary>The stream has ended: nothing is told until the next one begins.</summary>
    public Action Ended { get; init; } = () => { };
}
