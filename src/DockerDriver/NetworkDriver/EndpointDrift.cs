using DockerDriver.Attachments;
using DockerDriver.Sandboxes;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// Records what a container has changed about its interface. It is reported only: an endpoint is torn down when Docker says so, or when its
/// container has ended.
/// </summary>
internal sealed partial class EndpointDrift(EndpointLifecycle lifecycle, ILogger<EndpointDrift> log)
{
    private const string Absent = "its interface is no longer in its container: a process in the container deleted or moved it; "
        + "restart the container";

    /// <summary>The interface is in the sandbox. Stores its identity where that is missing.</summary>
    public void InterfaceFound(StoredEndpoint judged)
    {
        if (judged is { Drift: null, Link: not null })
            return;
        lifecycle.TryReplace(judged, judged with { Drift = null, Link = judged.Link ?? Sandbox.Identify(judged) });
    }

    /// <summary>The interface is not in the sandbox of a running container.</summary>
    public void InterfaceMissing(StoredEndpoint judged)
    {
        using var scope = lifecycle.BeginScope(judged.Id);
        if (judged.Drift is null && lifecycle.TryReplace(judged, judged with { Drift = Absent }))
            Drifted(Absent);
    }

    [LoggerMessage(LogLevel.Warning, "{Drift}")]
    private partial void Drifted(string drift);
}
