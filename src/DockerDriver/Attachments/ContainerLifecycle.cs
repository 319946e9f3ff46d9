using CniCore.Linux;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Background;
using DockerDriver.Configuration;
using DockerDriver.Engine.Files;
using DockerDriver.Errors;
using DockerDriver.Firewall;
using DockerDriver.HostPorts;
using DockerDriver.Labels;
using DockerDriver.Lists;
using DockerDriver.Logging;
using DockerDriver.Protocol;
using DockerDriver.Sandboxes;
using DockerDriver.State;

namespace DockerDriver.Attachments;

/// <summary>
/// The lifecycle of a label container's attachments: it is attached to all of its networks or to none. The caller holds the container's
/// lock.
/// </summary>
internal sealed partial class ContainerLifecycle(
    Settings settings,
    CniRuntime runtime,
    StateFolder<StoredContainer> containers,
    ContainerNamespaces namespaces,
    PortReservations ports,
    KeyedLocks locks,
    Boot boot,
    TimeProvider clock,
    ILogger<ContainerLifecycle> log) : AttachmentLifecycle<StoredContainer>(containers, locks, clock)
{
    /// <summary>Whether it is attached in this netns, in this boot.</summary>
    public bool IsAttached(StoredContainer container, NetworkNamespace netns) =>
        container.Phase == ContainerPhase.Attached && container.Boot == boot.Id && namespaces.IsPinned(container.Id, netns);

    /// <summary>Whether a running container is attached; false where it has ended.</summary>
    public bool IsAttached(StoredContainer container, StartingContainer running)
    {
        try
        {
            using var netns = ContainerNamespaces.Open(running);
            return IsAttached(container, netns);
        }
        catch (RefusedException)
        {
            return false;
        }
    }

    /// <summary>
    /// Writes the hosts file of a container that was attached before its process started. Engines from 26 on write that file again once the
    /// container has a netns (libnetwork, Sandbox.finishInitDNS).
    /// </summary>
    public void OnStarted(StoredContainer container)
    {
        WriteFiles(container, [.. container.Interfaces.Select(attached => Find(container, attached)?.Result).OfType<CniResult>()]);
        SaveBestEffort(container);
    }

    /// <summary>
    /// Attaches the container to all of its networks; detaches it first if a previous start is still attached. On failure everything is
    /// undone, the container is stored as failed, and the reason is thrown, in one line. On cancellation everything is undone, and the
    /// container is not stored as failed: the daemon stops, and the next one attaches it.
    /// </summary>
    /// <exception cref="RefusedException">It could not be attached.</exception>
    /// <exception cref="OperationCanceledException">The attach was cancelled.</exception>
    public async Task AttachAsync(
        StoredContainer container, ContainerLabels labels, NetworkNamespace netns, CancellationToken cancel)
    {
        // DEL needs the pinned netns to find the interfaces; a wrong netns is harmless.
        if (container.MayHaveAttachments && namespaces.PinnedPath(container.Id).Length == 0)
            namespaces.Pin(container.Id, netns);
        container = await DetachPreviousAsync(container) with { Fault = null };
        try
        {
            var plan = ContainerPlan.Of(container, labels, settings);
            // Docker does not wait for the teardown of a label container's networks: "docker rm", then "docker run" with the same port.
            await AwaitPreviousAsync(
                container.Id, other => PublishablePorts.AnyOf(other.Ports, plan.Ports), DeleteTearingDownAsync, cancel);
            container = IntentFor(container, plan);
            var interfaces = container.Interfaces.ToArray();
            await AddAsync(container, intent => AddAllAsync(plan, intent, interfaces, netns, cancel),
                intent => intent with { Interfaces = interfaces });
        }
        catch (Exception fault) // any failure is undone
        {
            var isCancelled = cancel.IsCancellationRequested; // any exception is then a consequence of the cancellation
            if (Records.Find(container.Id)?.IsTearingDown != true)
            {
                ports.Release(container.Id); // reserved before the intent was stored
                if (!isCancelled)
                    MarkFailed(container with { Interfaces = [], Ports = [], NextTry = null }, fault.Message);
            }
            if (isCancelled)
                throw new OperationCanceledException("cancelled and undone", fault, cancel);
            if (fault is RefusedException)
                throw;
            throw new RefusedException(fault.Message);
        }
    }

    /// <summary>Runs DEL for all attachments, in reverse order, in the pinned netns. A failure is stored, logged and retried.</summary>
    /// <exception cref="CniException">A DEL failed; the others have run.</exception>
    public override async Task<StoredContainer> DeleteAsync(StoredContainer record) =>
        record.MayHaveAttachments ? await DeleteAsync(record, DetachAsync) : record;

    /// <summary>
    /// Detaches manually: an attachment whose DEL fails is forgotten, and so is the container. Returns a message for each.
    /// </summary>
    public async Task<IReadOnlyList<string>> ReleaseAsync(StoredContainer container)
    {
        var lines = new List<string>();
        foreach (var attached in container.Interfaces.Reverse())
        {
            if (Find(container, attached) is not { } attachment)
                continue;
            lines.Add(await ForcedRelease.RunAsync(runtime, attachment, async () =>
            {
                using var deadline = new CancellationTokenSource(settings.CallTimeout, Clock);
                await runtime.DeleteAsync(attachment, NetnsFor(container, attachment), deadline.Token);
            }));
        }
        namespaces.Unpin(container.Id);
        ports.Release(container.Id);
        Records.Remove(container.Id);
        return lines.Count > 0 ? lines : [$"released {container.Id}: it had no attachment"];
    }

    /// <summary>Loads the records at start and reserves their ports again. Called once.</summary>
    public void Restore()
    {
        Records.Load();
        namespaces.UnpinAllBut(All.Select(container => container.Id).ToHashSet());
        foreach (var container in All)
        {
            using var scope = log.BeginAttachment(container.Id);
            if (container.MayHaveAttachments && container.Boot == boot.Id
                && ports.Reclaim(container.Id, "", container.Ports) is { Count: > 0 } lost)
                PortsLost(PortRanges.Text(lost));
            ProxyIPv6(container);
        }
    }

    private void ProxyIPv6(StoredContainer container)
    {
        var publisher = container.Ports.Count == 0 ? null
            : container.Interfaces.Select(attached => Find(container, attached))
                .FirstOrDefault(attachment => attachment?.Capabilities.ContainsKey(CapabilityNames.PortMappings) == true);
        if (publisher?.Result is { } result)
            ProxyIPv6(container, result, publisher.List);
    }

    private void ProxyIPv6(StoredContainer container, CniResult result, NetworkList list)
    {
        if (PublishablePorts.ProxyTarget(result, list) is { } address)
            ports.Serve(container.Id, address);
    }

    /// <summary>Stores why a container has no networks.</summary>
    public void MarkFailed(StoredContainer container, string reason) =>
        SaveBestEffort(container with { Phase = ContainerPhase.Failed, Fault = reason });

    /// <summary>Removes the record of a container that is not attached.</summary>
    public void Remove(StoredContainer container) => Records.Remove(container.Id);

    private void WriteFiles(StoredContainer container, IReadOnlyList<CniResult> results)
    {
        foreach (var fault in ContainerFiles.Write(container, results))
            FileLeftAlone(fault);
    }

    protected override void ReleaseHeld(StoredContainer intent) => ports.Release(intent.Id);

    // Ports stay reserved while rules for them may exist.
    protected override Task<StoredContainer?> AfterFailedDeleteAsync(StoredContainer record, Exception fault)
    {
        if (record.Ports.Count == 0 || record.Interfaces.Any(attached => PortRules.MayExist(Find(record, attached))))
            return Task.FromResult<StoredContainer?>(record);
        ports.Release(record.Id);
        return Task.FromResult<StoredContainer?>(record with { Ports = [] });
    }

    protected override StoredContainer Timestamped(StoredContainer record) => base.Timestamped(record) with { Boot = boot.Id };

    protected override void LogFailedDelete(StoredContainer record, string reason, double seconds) =>
        NotDetached(reason, ShortId.Of(record.Id));

    protected override void LogRepeatedFailedDelete(StoredContainer record, string reason, double seconds) =>
        StillNotDetached(reason, seconds);

    // Reserves the host ports.
    private StoredContainer IntentFor(StoredContainer container, ContainerPlan plan)
    {
        if (plan.Unpublished is { } unpublished && container.Remark != unpublished)
            NotPublished(unpublished);
        return container with
        {
            Phase = ContainerPhase.Attaching,
            Remark = plan.Unpublished,
            Interfaces = [.. plan.Networks.Select(planned =>
                new NamedInterface(planned.Requested.Network.ToString(), planned.Requested.IfName.ToString()))],
            Ports = plan.Ports.Count == 0 ? [] : TakePorts(container, plan.Ports),
        };
    }

    private async Task<bool> AddAllAsync(
        ContainerPlan plan, StoredContainer container, NamedInterface[] interfaces, NetworkNamespace netns, CancellationToken cancel)
    {
        var netnsPath = namespaces.Pin(container.Id, netns);
        var results = new List<CniResult>();
        foreach (var (place, planned) in plan.Networks.Index())
        {
            var (result, link) = await AddAsync(planned, container.Id, netnsPath, planned == plan.Publisher ? container.Ports
                : [], netns, cancel);
            results.Add(result);
            interfaces[place] = interfaces[place] with { Link = link };
            if (planned == plan.Publisher)
                ProxyIPv6(container, result, planned.List);
        }
        WriteFiles(container, results);
        Save(container with
        {
            Phase = ContainerPhase.Attached,
            Interfaces = interfaces,
            WasAttached = true,
            FailedAdds = 0,
            NextTry = null
        });
        Attached(
            string.Join(", ", plan.Networks.Zip(results, (planned, result) =>
                $"{planned.Requested.Network} as {planned.Requested.IfName} {string.Join(' ', result.Ips.Select(ip => ip.Address))}")),
                    PortRanges.Text(container.Ports));
        return true;
    }

    private async Task<StoredContainer> DetachAsync(StoredContainer container)
    {
        var faults = new List<Exception>();
        foreach (var attached in container.Interfaces.Reverse())
        {
            try
            {
                using var deadline = new CancellationTokenSource(settings.CallTimeout, Clock);
                if (Find(container, attached) is not { } attachment)
                    continue;
                AttachedInterface.Restore(attached, namespaces.PinnedPath(container.Id), attachment.List);
                await runtime.DeleteAsync(attachment, NetnsFor(container, attachment), deadline.Token);
            }
            catch (Exception fault) when (fault is CniException or LinuxException or IOException or OperationCanceledException)
            {
                faults.Add(fault is CniException ? fault : new CniTeardownException([fault]));
            }
        }
        if (faults.Count > 0)
            throw faults is [CniException only] ? only : new CniTeardownException(faults);
        namespaces.Unpin(container.Id);
        ports.Release(container.Id);
        container = SaveBestEffort(container with
        {
            Phase = ContainerPhase.Detached,
            Interfaces = [],
            Ports = [],
            AddFault = null,
            Fault = null,
            FailedDels = 0,
            NextTry = null,
        });
        Detached();
        return container;
    }

    private async Task DeleteTearingDownAsync(StoredContainer snapshot)
    {
        using var held = await LockAsync(snapshot.Id, CancellationToken.None);
        if (Find(snapshot.Id) is { IsTearingDown: true } container)
            await DeleteAsync(container);
    }

    private IReadOnlyList<PublishedPort> TakePorts(StoredContainer container, IReadOnlyList<PortBinding> wanted)
    {
        try
        {
            return ports.Take(container.Id, sandbox: "", wanted);
        }
        catch (RefusedException fault)
        {
            var reason = $"{fault.Message}; stop the process that uses it, or publish another port";
            throw container.Published.Count > 0 ? new RefusedException(reason) : ContainerLabels.Invalid(ContainerLabels.PortsKey, reason);
        }
    }

    private async Task<(CniResult Result, LinkIdentity? Link)> AddAsync(
        PlannedAttachment planned, string container, string netnsPath, IReadOnlyList<PublishedPort> published, NetworkNamespace netns,
            CancellationToken cancel)
    {
        if (planned.MayAddIPv6)
            ContainerNamespaces.EnableIPv6(netns, "default", "lo");
        try
        {
            var (list, request) = planned.For(container, netnsPath, published);
            await ClearStaleAsync(planned, request, cancel);
            using var inside = RouteSocket.OpenIn(netns);
            var earlier = inside.Links().Select(link => link.Index).ToHashSet();
            var result = await runtime.AddAsync(list, request, cancel);
            planned.RefuseUnrequested(result);
            inside.PreferDefaultRoutesOf(earlier);
            if (result.Ips.Any(ip => ip.Address.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6))
                ContainerNamespaces.EnableIPv6(netns, "lo", planned.Requested.IfName.ToString());
            return (result, AttachedInterface.IdentityOf(planned.Requested.IfName, inside));
        }
        catch (CniException fault) when (planned.Requested.Ips.Count > 0)
        {
            throw new RefusedException($"network {planned.Requested.Network} with label "
                + $"cni.{planned.Requested.Network}.ips={string.Join(',', planned.Requested.Ips)}: {fault.Message}; if the "
                    + "address is in use, request another or remove the label");
        }
        catch (CniException fault)
        {
            throw new RefusedException($"network {planned.Requested.Network}: {fault.Message}");
        }
    }

    // Plugins that failed without a netns may succeed with an empty one: the reference sbr does, after a reboot.
    private string NetnsFor(StoredContainer container, CniCore.Cache.Attachment attachment)
    {
        var pinned = namespaces.PinnedPath(container.Id);
        return pinned.Length == 0 && attachment.FailedDels > 0 ? namespaces.PinEmpty(container.Id) : pinned;
    }

    private async Task<StoredContainer> DetachPreviousAsync(StoredContainer container)
    {
        try
        {
            return await DeleteAsync(container);
        }
        catch (CniException fault)
        {
            throw new RefusedException($"the attachments of a previous start could not be deleted: {fault.Message}; to forget them: "
                + $"cnid release --force {ShortId.Of(container.Id)}");
        }
    }

    // Deletes an attachment without a record: the record was lost, or another runtime created it for this id.
    private async Task ClearStaleAsync(PlannedAttachment planned, AttachmentRequest request, CancellationToken cancel)
    {
        if (runtime.Find(planned.Requested.Network, request.ContainerId, request.IfName) is { } stale)
            await runtime.DeleteAsync(stale, stale.NetNs == request.NetNs ? "" : stale.NetNs, cancel);
    }

    private CniCore.Cache.Attachment? Find(StoredContainer container, NamedInterface attached) =>
        runtime.Find(NetworkName.Parse(attached.Network), ContainerId.Parse(container.Id), InterfaceName.Parse(attached.IfName));

    [LoggerMessage(LogLevel.Information, "attached to {Networks} {Ports}")]
    private partial void Attached(string networks, string ports);

    [LoggerMessage(
        LogLevel.Warning, "{Reason}: the file stays without the networks' names and addresses until the container's next start")]
    private partial void FileLeftAlone(string reason);

    [LoggerMessage(LogLevel.Warning, "{Reason}")]
    private partial void NotPublished(string reason);

    [LoggerMessage(LogLevel.Information, "waits for the detachment of {Previous}, with the same port")]
    protected override partial void AwaitsPrevious(string previous);

    [LoggerMessage(LogLevel.Information, "detached")]
    private partial void Detached();

    [LoggerMessage(LogLevel.Error, "not detached: {Reason}; it is retried until it succeeds, with growing pauses, and by 'cnid gc "
        + "NETWORK'; see 'cnid attachments'; 'cnid release --force {Container}' forgets it")]
    private partial void NotDetached(string reason, string container);

    [LoggerMessage(LogLevel.Debug, "still not detached: {Reason}; next try in {Seconds} s")]
    private partial void StillNotDetached(string reason, double seconds);

    [LoggerMessage(LogLevel.Warning,
        "{Ports} cannot be reserved again: another process uses them, or the open-file limit is reached; their mapping stays")]
    private partial void PortsLost(string ports);
}
