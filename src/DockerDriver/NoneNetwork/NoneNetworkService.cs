using CniCore.Spec;
using DockerDriver.Attachments;
using DockerDriver.Background;
using DockerDriver.Configuration;
using DockerDriver.Engine;
using DockerDriver.Errors;
using DockerDriver.Labels;
using DockerDriver.Logging;
using DockerDriver.Sandboxes;
using DockerDriver.Starts;
using DockerDriver.State;

namespace DockerDriver.NoneNetwork;

/// <summary>
/// Containers of <c>--network none</c> whose labels name CNI networks: attached at start, detached at end, idempotently. One operation at a
/// time per container; the engine is never asked while its lock is held.
/// </summary>
internal sealed partial class NoneNetworkService(
    Settings settings,
    EngineClient engine,
    ContainerLifecycle lifecycle,
    ContainerSelection selection,
    ReconciledContainers reconciled,
    FailedStarts starts,
    TimeProvider clock,
    ILogger<NoneNetworkService> log)
{
    // The engine answers in a millisecond; while it starts its containers it does not answer at all.
    private static readonly TimeSpan LabelsTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Attaches a container before its first process runs. Does nothing for one that requests no networks or is attached. Does not ask the
    /// engine about a recorded container, since the engine waits for this start.
    /// </summary>
    /// <returns>Whether it is attached.</returns>
    /// <exception cref="RefusedException">It could not be attached, nothing is left, and it must not start. One line.</exception>
    public async Task<bool> AttachAsync(StartingContainer starting, CancellationToken cancel)
    {
        using var scope = log.BeginAttachment(starting.Id);
        try
        {
            var hasNetworks = await AttachStartingAsync(starting, cancel);
            starts.Forget(starting.Id);
            return hasNetworks;
        }
        catch (RefusedException fault)
        {
            throw new RefusedException(starts.Record(fault.Message));
        }
        catch (OperationCanceledException)
        {
            throw new RefusedException(starts.Record("the attach timed out or the daemon is stopping; it has been undone"));
        }
    }

    private async Task<bool> AttachStartingAsync(StartingContainer starting, CancellationToken cancel)
    {
        if (await DescribeAsync(starting, cancel) is not { } described)
            return false;
        using var held = await lifecycle.LockAsync(starting.Id, cancel);
        var container = lifecycle.Find(starting.Id) is { } known
            ? known with
            {
                Labels = described.Labels,
                IsImageChecked = described.IsImageChecked,
                Published = starting.Published ?? known.Published,
            }
            : described;
        using var netns = ContainerNamespaces.Open(starting);
        if (lifecycle.IsAttached(container, netns))
            return true;
        var labels = selection.LabelsOf(container);
        if (selection.HasForeignInterface(container, labels, netns))
            return false;
        await lifecycle.AttachAsync(container with { StartedAt = "" }, labels, netns, cancel);
        return true;
    }

    /// <summary>Detaches a container that has ended, or will not start. Idempotent; ignores unknown containers.</summary>
    /// <exception cref="CniException">A DEL failed; it is retried.</exception>
    public async Task DetachAsync(string id)
    {
        using var scope = log.BeginAttachment(id);
        using var held = await lifecycle.LockAsync(id, CancellationToken.None);
        if (lifecycle.Find(id) is { } container)
            await lifecycle.DeleteAsync(container);
    }

    /// <summary>
    /// Detaches a container manually, even if its plugins fail. Returns messages for the user; null for an unknown container.
    /// </summary>
    public async Task<IReadOnlyList<string>?> ReleaseAsync(string id)
    {
        using var scope = log.BeginAttachment(id);
        using var held = await lifecycle.LockAsync(id, CancellationToken.None);
        if (lifecycle.Find(id) is not { } container)
            return null;
        var lines = await lifecycle.ReleaseAsync(container);
        ReleasedManually(string.Join("; ", lines));
        return lines;
    }

    /// <summary>The containers to reconcile: those of the engine, and those on record.</summary>
    /// <param name="cancel">Cancels the request to the engine.</param>
    /// <param name="onlyDue">Without those in a back-off, and those that have not changed since they were reconciled.</param>
    public async Task<IReadOnlyCollection<string>> CandidatesAsync(bool onlyDue, CancellationToken cancel)
    {
        var known = lifecycle.All.Select(container => container.Id).ToHashSet();
        var listed = (await engine.ListAsync(settings.DefaultNetworks.Length > 0 ? null : ContainerLabels.NetworksKey, cancel))
            .Where(selection.IsSelected).ToList();
        known.UnionWith(listed.Select(container => container.Id));
        if (onlyDue)
        {
            known.ExceptWith(listed.Where(container => reconciled.Contains(container, lifecycle.Find(container.Id)))
                .Select(container => container.Id));
            known.ExceptWith(lifecycle.All.Where(container => clock.IsInFuture(container.NextTry)).Select(container => container.Id));
        }
        return known;
    }

    /// <summary>Retries at once the failed DELs on that network.</summary>
    /// <returns>The containers.</returns>
    /// <exception cref="CniException">A DEL failed again; the others have run.</exception>
    public async Task<IReadOnlyList<string>> RetryAsync(string network)
    {
        var resting = lifecycle.All.Where(container => container.FailedDels > 0
            && container.Interfaces.Any(attached => attached.Network == network))
            .Select(container => container.Id).ToList();
        var faults = new List<Exception>();
        foreach (var id in resting)
        {
            try
            {
                await DetachAsync(id);
            }
            catch (CniException fault)
            {
                faults.Add(fault);
            }
        }
        if (faults.Count > 0)
            throw faults is [CniException only] ? only : new CniTeardownException(faults);
        return resting;
    }

    /// <summary>Whether an event may concern a label container.</summary>
    public bool IsRelevant(string id, IDictionary<string, string> labels) =>
        settings.DefaultNetworks.Length > 0 || labels.ContainsKey(ContainerLabels.NetworksKey) || lifecycle.Find(id) is not null
        || starts.Of(id) is not null;

    // Null where it requests no networks.
    private async Task<StoredContainer?> DescribeAsync(StartingContainer starting, CancellationToken cancel)
    {
        if (starting.Labels is { } labels)
        {
            var read = new EngineContainer(starting.Id, starting.Name, labels, ContainerSelection.None, starting.Folder)
            {
                IsImageChecked = !settings.TrustsImageLabels,
                Published = starting.Published,
            };
            return selection.IsSelected(read) ? ContainerSelection.Record(read) : null;
        }
        if (lifecycle.Find(starting.Id) is { } known && (known.IsImageChecked || settings.TrustsImageLabels))
            return selection.LabelsOf(known).RequestNetworks ? known : null;
        try
        {
            if (await engine.FindAsync(starting.Id, LabelsTimeout, cancel) is not { } found || !selection.IsSelected(found))
                return null;
            var seen = await selection.RemoveImageLabelsAsync(found, known: null, cancel);
            if (seen.ImageFault is { } unknown)
                throw new RefusedException(unknown);
            return selection.IsSelected(seen) ? ContainerSelection.Record(seen) : null;
        }
        catch (EngineException fault)
        {
            throw new RefusedException($"the engine does not tell the labels of the container {ShortId.Of(starting.Id)}: "
                + $"{fault.Message}; start it again when 'docker ps' answers");
        }
    }

    [LoggerMessage(LogLevel.Warning, "released manually: {Lines}")]
    private partial void ReleasedManually(string lines);
}
