namespace DockerDriver.Sandboxes.Replay;

/// <summary>How far an endpoint's belongings have come.</summary>
internal enum CarryProgress
{
    /// <summary>There is nothing to carry, or nobody to carry it to any more.</summary>
    Over,

    /// <summary>The interface is not inside, or Docker has not set what it was told yet.</summary>
    TooEarly,

    /// <summary>All is in the sandbox but a default route: Docker may make this endpoint the gateway yet.</summary>
    AwaitsGateway,

    /// <summary>All is in the sandbox.</summary>
    Done,
}
