namespace DockerDriver.Background;

/// <summary>A condition of the daemon's readiness.</summary>
internal interface IReadinessCheck
{
    /// <summary>Its name in the answer to <c>GET /ready</c>.</summary>
    string Name { get; }

    /// <summary>Why it is not met, in one line; null where it is.</summary>
    Task<string?> NotReadyReasonAsync(CancellationToken cancel);
}
