namespace DockerDriver.Sandboxes.Replay;

/// <summary>How far an endpoint's delta have come.</summary>
internal enum ReplayProgress
{
    /// <summary>There is nothing to carry, or nobody to carry it to any more.</summary>
    NothingToDo,

    /// <summary>The interface is not inside, or Docker has not set what it was told yet.</summary>
    NotReady,

    /// <summary>All is in the sandbox but a default route: Docker may make this endpoint the gateway yet.</summary>
    AwaitsGateway,

    /// <summary>All is in the sandbox.</summary>
    Done,
}
