using CniCore.Linux.Namespaces;
using DockerDriver.Attachments;
using DockerDriver.Background;
using DockerDriver.Engine;
using DockerDriver.Errors;
using DockerDriver.Labels;
using DockerDriver.Logging;
using DockerDriver.Sandboxes;
using DockerDriver.Starts;
using DockerDriver.State;

namespace DockerDriver.NoneNetwork;

/// <summary>What a container has is made what it should have, by what the engine says of it now.</summary>
internal sealed partial class ContainerReconciler(
    EngineClient engine,
    ContainerLifecycle lifecycle,
    ContainerSelection selection,
    ReconciledContainers settled,
    FailedStarts starts,
    TimeProvider clock,
    ILogger<ContainerReconciler> log)
{
    /// <summary>
    /// Makes a container's networks what they should be by now. Whatever was heard of it, and in whatever order, the engine is asked.
    /// </summary>
    public async Task SettleAsync(string id, CancellationToken cancel)
    {
        using var scope = log.BeginAttachment(id);
        while (true)
        {
            var judged = lifecycle.Find(id);
            var seen = await engine.InspectAsync(id, cancel) is { } described
                ? await selection.JudgeAsync(described, judged, cancel)
                : null;
            bool stop;
            using (await lifecycle.LockAsync(id, cancel))
            {
                if (!ReferenceEquals(lifecycle.Find(id), judged))
                    continue; // another has attached or detached it since the engine was asked
                stop = await SettleAsync(judged, seen, cancel);
            }
            if (seen is null)
                starts.Forget(id);
            if (seen is not null && !stop && lifecycle.Find(id) is { } stored)
                settled.Note(seen, stored);
            else
                settled.Forget(id);
            if (stop)
                await StopAsync(seen!, cancel);
            return;
        }
    }

    private async Task<bool> SettleAsync(StoredContainer? container, EngineContainer? seen, CancellationToken cancel)
    {
        if (seen is null || !selection.IsOurs(seen))
        {
            if (seen is { Pid: > 0 } && seen.NetworkMode != ContainerSelection.None && seen.Labels.ContainsKey(ContainerLabels.NetworksKey))
                NoEffect(ContainerLabels.NetworksKey, seen.NetworkMode);
            if (container is not null && !KeepsItsNetworks(container, seen))
            {
                container = await lifecycle.DeleteAsync(container);
                if (seen is not { IsImageChecked: true })
                    lifecycle.Remove(container);
            }
            if (seen is { IsImageChecked: true })
                _ = Known(container, seen); // for its starts to come, when its image may be gone
            return false;
        }
        container = Known(container, seen);
        if (seen.Pid == 0)
        {
            await lifecycle.DeleteAsync(container);
            return false;
        }
        var labels = selection.LabelsOf(container);
        var stops = !labels.KeepOnFailure;
        if (container.Phase == ContainerPhase.Failed && container.StartedAt == seen.StartedAt
            && (stops || clock.IsInFuture(container.NextTry)))
            return stops || seen.ImageFault is not null; // decided already; the stop may not have come through
        if (seen.ImageFault is { } unknown && !KeepsItsNetworks(container, seen))
        {
            lifecycle.MarkFailed(container with { StartedAt = seen.StartedAt }, unknown);
            return Report(unknown, stops: true); // cni.on-failure may be the image's as well
        }
        if (await AttachRunningAsync(container, labels, seen, cancel) is not { } reason)
            return false;
        if (!stops && lifecycle.Find(container.Id) is { Phase: ContainerPhase.Failed } failed)
        {
            var next = clock.GetUtcNow() + BackOff.OfStart.After(failed.FailedAdds + 1);
            lifecycle.SaveBestEffort(failed with { FailedAdds = failed.FailedAdds + 1, NextTry = next });
        }
        return container.FailedAdds > 0 && !stops ? stops : Report(reason, stops);
    }

    // It is started again where somebody wants it to run: by its restart policy, and because it has run with its networks before. A first
    // run is left to its user; but the engine takes our stop for the user's, and would leave the container down at the next boot.
    private async Task StopAsync(EngineContainer seen, CancellationToken cancel)
    {
        var container = lifecycle.Find(seen.Id);
        if (container is not null && seen.HasPolicy && (container.WasAttached || seen.IsUnlessStopped))
            starts.Stopping(container, seen.Fingerprint, isForNextBoot: !container.WasAttached);
        await engine.StopAsync(seen.Id, cancel);
    }

    // No label asks for them, and the setting default-networks does not any more: that is for starts to come.
    private bool KeepsItsNetworks(StoredContainer container, EngineContainer? seen) =>
        seen is { Pid: > 0 } && container.Phase == ContainerPhase.Attached
            && lifecycle.IsAttached(container, new StartingContainer(seen.Id, $"/proc/{seen.Pid}/ns/net", seen.Pid));

    // Null where all is well, or the container has ended meanwhile: its end is heard of next.
    private async Task<string?> AttachRunningAsync(
        StoredContainer container, ContainerLabels labels, EngineContainer seen, CancellationToken cancel)
    {
        NetworkNamespace space;
        try
        {
            space = ContainerNamespaces.Open(new(seen.Id, $"/proc/{seen.Pid}/ns/net", seen.Pid));
        }
        catch (RefusedException fault)
        {
            Ended(fault.Message);
            return null;
        }
        using (space)
        {
            if (lifecycle.IsAttached(container, space))
            {
                if (container.StartedAt != seen.StartedAt)
                    lifecycle.HasStarted(container with { StartedAt = seen.StartedAt });
                starts.Forget(container.Id);
                return null;
            }
            if (selection.IsTakenByOther(container, labels, space))
                return null;
            try
            {
                await lifecycle.AttachAsync(container with { StartedAt = seen.StartedAt }, labels, space, cancel);
                starts.Forget(container.Id);
                return null;
            }
            catch (RefusedException fault)
            {
                return fault.Message;
            }
        }
    }

    private bool Report(string reason, bool stops)
    {
        if (stops)
            Stopping(reason);
        else
            Kept(reason);
        return stops;
    }

    private StoredContainer Known(StoredContainer? container, EngineContainer seen)
    {
        var described = ContainerSelection.Record(seen);
        var labels = seen.ImageFault is null || container is null ? described.Labels : container.Labels;
        if (container is not null && container.Name == seen.Name && container.UserDns.SequenceEqual(seen.UserDns)
            && container.Published.SequenceEqual(seen.Published ?? container.Published)
            && container.IsImageChecked == seen.IsImageChecked
            && container.Labels.Count == labels.Count && container.Labels.All(label => labels.GetValueOrDefault(label.Key) == label.Value))
            return container;
        container = (container ?? described) with { Name = seen.Name, UserDns = seen.UserDns,
            Published = seen.Published ?? described.Published, Labels = labels, IsImageChecked = seen.IsImageChecked };
        lifecycle.SaveBestEffort(container);
        return container;
    }

    [LoggerMessage(LogLevel.Error, "not attached: {Reason}. The container is stopped; label cni.on-failure=keep would keep it")]
    private partial void Stopping(string reason);

    [LoggerMessage(
        LogLevel.Error, "not attached: {Reason}. The container is kept without its networks; they are tried again, ever more rarely")]
    private partial void Kept(string reason);

    [LoggerMessage(LogLevel.Warning, "label {Label} has no effect on a container of network mode {Mode}: run it with --network none")]
    private partial void NoEffect(string label, string mode);

    [LoggerMessage(LogLevel.Debug, "{Reason}")]
    private partial void Ended(string reason);
}
