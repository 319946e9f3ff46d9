using DockerDriver.Attachments;
using DockerDriver.Sandboxes;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>
/// What a container has done to its interface. It is told, and changes nothing: an endpoint ends when Docker says so, or its container
/// has ended.
/// </summary>
internal sealed partial class EndpointDrift(EndpointLifecycle lifecycle, ILogger<EndpointDrift> log)
{
    private const string Absent = "its interface is not in its container any more: something inside has deleted it or moved it away; "
        + "restart the container to have it again";

    /// <summary>The interface is where it belongs. What identifies it is stored where that was not noted before.</summary>
    public void NoteInterface(StoredEndpoint judged)
    {
        if (judged is { Drift: null, Link: not null })
            return;
        lifecycle.TryReplace(judged, judged with { Drift = null, Link = judged.Link ?? Sandbox.Identify(judged) });
    }

    /// <summary>The interface is not in its container, which runs.</summary>
    public void NoteAbsence(StoredEndpoint judged)
    {
        using var scope = lifecycle.BeginScope(judged.Id);
        if (judged.Drift is null && lifecycle.TryReplace(judged, judged with { Drift = Absent }))
            Drifted(Absent);
    }

    [LoggerMessage(LogLevel.Warning, "{Drift}")]
    private partial void Drifted(string drift);
}
