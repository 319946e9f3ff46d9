namespace DockerDriver.Engine;

/// <summary>Callbacks for the engine's events. They must not block.</summary>
internal sealed class EngineSubscriber
{
    /// <summary>A stream of events starts: earlier events have not been reported.</summary>
    public Action StreamStarted { get; init; } = () => { };

    /// <summary>A container, by id and labels, has changed.</summary>
    public Action<string, IDictionary<string, string>> ContainerChanged { get; init; } = (_, _) => { };

    /// <summary>A container was disconnected from the network of that id.</summary>
    public Action<string> NetworkDisconnected { get; init; } = _ => { };

    /// <summary>The stream has ended: no events are reported until the next one starts.</summary>
    public Action StreamEnded { get; init; } = () => { };
}
