namespace DockerDriver.Background;

/// <summary>One of the things that must be in order before the daemon can be relied on.</summary>
internal interface IReadinessCheck
{
    /// <summary>What it is called in the answer of <c>GET /ready</c>.</summary>
    string Name { get; }

    /// <summary>Why it is not in order, in one line; null where it is.</summary>
    Task<string?> NotReadyReasonAsync(CancellationToken cancel);
}
