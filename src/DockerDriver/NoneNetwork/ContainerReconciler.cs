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

/// <summary>Brings a container's attachments to the state that its labels and the engine's description call for.</summary>
internal sealed partial class ContainerReconciler(
    EngineClient engine,
    ContainerLifecycle lifecycle,
    ContainerSelection selection,
    ReconciledContainers reconciled,
    FailedStarts starts,
    TimeProvider clock,
    ILogger<ContainerReconciler> log)
{
    /// <summary>Reconciles one container. Events are only a trigger: the engine is asked for the container's state.</summary>
    public async Task ReconcileAsync(string id, CancellationToken cancel)
    {
        using var scope = log.BeginAttachment(id);
        while (true)
        {
            var known = lifecycle.Find(id);
            var seen = await engine.InspectAsync(id, cancel) is { } described
                ? await selection.RemoveImageLabelsAsync(described, known, cancel)
                : null;
            bool stop;
            using (await lifecycle.LockAsync(id, cancel))
            {
                if (!ReferenceEquals(lifecycle.Find(id), known))
                    continue; // attached or detached by another caller since the engine was asked
                stop = await ReconcileAsync(known, seen, cancel);
            }
            if (seen is null)
                starts.Forget(id);
            if (seen is not null && !stop && lifecycle.Find(id) is { } stored)
                reconciled.Remember(seen, stored);
            else
                reconciled.Forget(id);
            if (stop)
                await StopAsync(seen!, cancel);
            return;
        }
    }

    private async Task<bool> ReconcileAsync(StoredContainer? container, EngineContainer? seen, CancellationToken cancel)
    {
        if (seen is null || !selection.IsSelected(seen))
        {
            if (seen is { Pid: > 0 } && seen.NetworkMode != ContainerSelection.None && seen.Labels.ContainsKey(ContainerLabels.NetworksKey))
                NoEffect(ContainerLabels.NetworksKey, seen.NetworkMode);
            if (container is not null && !KeepsNetworks(container, seen))
            {
                container = await lifecycle.DeleteAsync(container);
                if (seen is not { IsImageChecked: true })
                    lifecycle.Remove(container);
            }
            if (seen is { IsImageChecked: true })
                _ = UpdateRecord(container, seen); // for later starts, when the image may be gone
            return false;
        }
        container = UpdateRecord(container, seen);
        if (seen.Pid == 0)
        {
            await lifecycle.DeleteAsync(container);
            return false;
        }
        var labels = selection.LabelsOf(container);
        var stops = !labels.KeepOnFailure;
        if (container.Phase == ContainerPhase.Failed && container.StartedAt == seen.StartedAt
            && (stops || clock.IsInFuture(container.NextTry)))
            return stops || seen.ImageFault is not null; // decided before; the stop may have failed
        if (seen.ImageFault is { } unknown && !KeepsNetworks(container, seen))
        {
            lifecycle.MarkFailed(container with { StartedAt = seen.StartedAt }, unknown);
            return Report(unknown, stops: true); // cni.on-failure may come from the image too
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

    // It is started again if its restart policy and an earlier attach call for it. A first run is left to its user; but for unless-stopped
    // the engine takes this stop for the user's, and would not start the container at the next boot.
    private async Task StopAsync(EngineContainer seen, CancellationToken cancel)
    {
        var container = lifecycle.Find(seen.Id);
        if (container is not null && seen.HasPolicy && (container.WasAttached || seen.IsUnlessStopped))
            starts.RecordStop(container, seen.Fingerprint, isForNextBoot: !container.WasAttached);
        await engine.StopAsync(seen.Id, cancel);
    }

    // Labels that disappeared, or a changed setting default-networks, apply to later starts only.
    private bool KeepsNetworks(StoredContainer container, EngineContainer? seen) =>
        seen is { Pid: > 0 } && container.Phase == ContainerPhase.Attached
            && lifecycle.IsAttached(container, new StartingContainer(seen.Id, $"/proc/{seen.Pid}/ns/net", seen.Pid));

    // Null on success, or if the container has ended meanwhile: an event follows.
    private async Task<string?> AttachRunningAsync(
        StoredContainer container, ContainerLabels labels, EngineContainer seen, CancellationToken cancel)
    {
        NetworkNamespace netns;
        try
        {
            netns = ContainerNamespaces.Open(new(seen.Id, $"/proc/{seen.Pid}/ns/net", seen.Pid));
        }
        catch (RefusedException fault)
        {
            Ended(fault.Message);
            return null;
        }
        using (netns)
        {
            if (lifecycle.IsAttached(container, netns))
            {
                if (container.StartedAt != seen.StartedAt)
                    lifecycle.OnStarted(container with { StartedAt = seen.StartedAt });
                starts.Forget(container.Id);
                return null;
            }
            if (selection.HasForeignInterface(container, labels, netns))
                return null;
            try
            {
                await lifecycle.AttachAsync(container with { StartedAt = seen.StartedAt }, labels, netns, cancel);
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

    private StoredContainer UpdateRecord(StoredContainer? container, EngineContainer seen)
    {
        var described = ContainerSelection.Record(seen);
        var labels = seen.ImageFault is null || container is null ? described.Labels : container.Labels;
        if (container is not null && container.Name == seen.Name && container.UserDns.SequenceEqual(seen.UserDns)
            && container.Published.SequenceEqual(seen.Published ?? container.Published)
            && container.IsImageChecked == seen.IsImageChecked
            && container.Labels.Count == labels.Count && container.Labels.All(label => labels.GetValueOrDefault(label.Key) == label.Value))
            return container;
        container = (container ?? described) with
        {
            Name = seen.Name,
            UserDns = seen.UserDns,
            Published = seen.Published ?? described.Published,
            Labels = labels,
            IsImageChecked = seen.IsImageChecked
        };
        lifecycle.SaveBestEffort(container);
        return container;
    }

    [LoggerMessage(LogLevel.Error, "not attached: {Reason}. The container is stopped; the label cni.on-failure=keep would keep it running")]
    private partial void Stopping(string reason);

    [LoggerMessage(
        LogLevel.Error,
        "not attached: {Reason}. The container keeps running without its networks; the attach is retried with growing pauses")]
    private partial void Kept(string reason);

    [LoggerMessage(LogLevel.Warning, "label {Label} has no effect with the network mode {Mode}: use --network none")]
    private partial void NoEffect(string label, string mode);

    [LoggerMessage(LogLevel.Debug, "{Reason}")]
    private partial void Ended(string reason);
}
