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
/// Containers of <c>--network none</c> whose labels name CNI networks: attached when they start, detached when they end, each once,
/// whoever says so and however often. One operation at a time for a container; the engine is never asked while its lock is held.
/// </summary>
internal sealed partial class NoneNetworkService(
    Settings settings,
    EngineClient engine,
    ContainerLifecycle lifecycle,
    ContainerSelection selection,
    ReconciledContainers settled,
    FailedStarts starts,
    TimeProvider clock,
    ILogger<NoneNetworkService> log)
{
    // To tell a container's labels takes the engine a millisecond; while it starts its containers again it answers nobody.
    private static readonly TimeSpan LabelsTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A container's first process is about to run: gives it its networks before it does. Nothing is done for one that asks for none, and
    /// nothing again for one that has them. Does not ask the engine about a container it knows: it waits for this start.
    /// </summary>
    /// <returns>Whether it has networks now.</returns>
    /// <exception cref="RefusedException">It could not be attached, nothing is left, and it should not start. One line.</exception>
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
            throw new RefusedException(starts.Mark(fault.Message));
        }
        catch (OperationCanceledException)
        {
            throw new RefusedException(starts.Mark("it did not get its networks in time, or the daemon stops; what was made is undone"));
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
        using var space = ContainerNamespaces.Open(starting);
        if (lifecycle.IsAttached(container, space))
            return true;
        var labels = selection.LabelsOf(container);
        if (selection.IsTakenByOther(container, labels, space))
            return false;
        await lifecycle.AttachAsync(container with { StartedAt = "" }, labels, space, cancel);
        return true;
    }

    /// <summary>The container has ended, or will not start. Right to repeat, and for one that nobody knows.</summary>
    /// <exception cref="CniException">A DEL failed; it is tried again.</exception>
    public async Task DetachAsync(string id)
    {
        using var scope = log.BeginAttachment(id);
        using var held = await lifecycle.LockAsync(id, CancellationToken.None);
        if (lifecycle.Find(id) is { } container)
            await lifecycle.DeleteAsync(container);
    }

    /// <summary>
    /// Detaches a container by hand, for good, whatever its plugins say. Answers what has come of it; null for one that nobody knows.
    /// </summary>
    public async Task<IReadOnlyList<string>?> ReleaseAsync(string id)
    {
        using var scope = log.BeginAttachment(id);
        using var held = await lifecycle.LockAsync(id, CancellationToken.None);
        if (lifecycle.Find(id) is not { } container)
            return null;
        var lines = await lifecycle.ReleaseAsync(container);
        ReleasedByHand(string.Join("; ", lines));
        return lines;
    }

    /// <summary>
    /// Every container that may be of concern: those the engine has, those in our books, and after a reboot first of all the latter.
    /// </summary>
    /// <param name="rested">Without those that rest between two tries of a DEL, and those that are as they were when they were looked at
    /// last.</param>
    /// <param name="cancel">Ends the question to the engine.</param>
    public async Task<IReadOnlyCollection<string>> ConcernedAsync(bool rested, CancellationToken cancel)
    {
        var known = lifecycle.All.Select(container => container.Id).ToHashSet();
        var listed = (await engine.ListAsync(settings.DefaultNetworks.Length > 0 ? null : ContainerLabels.NetworksKey, cancel))
            .Where(selection.IsOurs).ToList();
        known.UnionWith(listed.Select(container => container.Id));
        if (rested)
        {
            known.ExceptWith(listed.Where(container => settled.Has(container, lifecycle.Find(container.Id)))
                .Select(container => container.Id));
            known.ExceptWith(lifecycle.All.Where(container => clock.IsInFuture(container.NextTry)).Select(container => container.Id));
        }
        return known;
    }

    /// <summary>Tries again at once what rests between two tries of a DEL on that network.</summary>
    /// <returns>The containers.</returns>
    /// <exception cref="CniException">One failed again; the others are done.</exception>
    public async Task<IReadOnlyList<string>> RetryAsync(string network)
    {
        var resting = lifecycle.All.Where(container => container.FailedDels > 0 && container.Interfaces.Any(one => one.Network == network))
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

    /// <summary>Whether an event may be about one of ours, by what it tells.</summary>
    public bool MayConcern(string id, IDictionary<string, string> labels) =>
        settings.DefaultNetworks.Length > 0 || labels.ContainsKey(ContainerLabels.NetworksKey) || lifecycle.Find(id) is not null
        || starts.Of(id) is not null;

    // Null where it asks for no networks.
    private async Task<StoredContainer?> DescribeAsync(StartingContainer starting, CancellationToken cancel)
    {
        if (starting.Labels is { } labels)
        {
            var read = new EngineContainer(starting.Id, starting.Name, labels, ContainerSelection.None, starting.Folder)
            {
                IsImageChecked = !settings.TrustsImageLabels,
                Published = starting.Published,
            };
            return selection.IsOurs(read) ? ContainerSelection.Record(read) : null;
        }
        if (lifecycle.Find(starting.Id) is { } known && (known.IsImageChecked || settings.TrustsImageLabels))
            return selection.LabelsOf(known).AskForNetworks ? known : null;
        try
        {
            if (await engine.FindAsync(starting.Id, LabelsTimeout, cancel) is not { } found || !selection.IsOurs(found))
                return null;
            var seen = await selection.JudgeAsync(found, known: null, cancel);
            if (seen.ImageFault is { } unknown)
                throw new RefusedException(unknown);
            return selection.IsOurs(seen) ? ContainerSelection.Record(seen) : null;
        }
        catch (EngineException fault)
        {
            throw new RefusedException($"the engine does not say which labels the container {ShortId.Of(starting.Id)} has: "
                + $"{fault.Message}; start it again when 'docker ps' answers");
        }
    }

    [LoggerMessage(LogLevel.Warning, "by hand: {Lines}")]
    private partial void ReleasedByHand(string lines);
}
