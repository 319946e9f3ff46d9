namespace DockerDriver.Sandboxes.Replay;

/// <summary>The progress of a replay.</summary>
internal enum ReplayProgress
{
    /// <summary>There is nothing to replay, or the endpoint is no longer joined.</summary>
    NothingToDo,

    /// <summary>The interface is not in the sandbox, or Docker has not set the reported addresses and routes yet.</summary>
    NotReady,

    /// <summary>Everything is applied but a default route: Docker may still make this endpoint the gateway.</summary>
    AwaitsGateway,

    /// <summary>Everything is applied.</summary>
    Done,
}
