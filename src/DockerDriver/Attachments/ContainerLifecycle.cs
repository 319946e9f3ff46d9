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
/// The lifecycle of a container's networks: it is attached to all of them, or to none. The caller holds the container's lock.
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
    /// <summary>Whether it is attached in this namespace, by this boot's kernel.</summary>
    public bool IsAttached(StoredContainer container, NetworkNamespace space) =>
        container.Phase == ContainerPhase.Attached && container.Boot == boot.Id && namespaces.IsPinned(container.Id, space);

    /// <summary>The same of a container that runs; not where it has ended.</summary>
    public bool IsAttached(StoredContainer container, StartingContainer running)
    {
        try
        {
            using var space = ContainerNamespaces.Open(running);
            return IsAttached(container, space);
        }
        catch (RefusedException)
        {
            return false;
        }
    }

    /// <summary>
    /// It was attached before Docker started it, and runs now. Engines from 26 on have written its hosts file since, once it had a
    /// namespace (libnetwork, Sandbox.finishInitDNS): what the networks gave is put in again.
    /// </summary>
    public void HasStarted(StoredContainer container)
    {
        WriteFiles(container, [.. container.Interfaces.Select(one => Find(container, one)?.Result).OfType<CniResult>()]);
        SaveBestEffort(container);
    }

    /// <summary>
    /// Attaches. A start before this one is detached first. When it fails, all is undone, the container is stored as failed, and
    /// the reason is thrown: one line. When it is given up, all is undone, and nothing is held against the container: the daemon is being
    /// stopped, and the next run begins anew.
    /// </summary>
    /// <exception cref="RefusedException">It could not be.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public async Task AttachAsync(
        StoredContainer container, ContainerLabels labels, NetworkNamespace space, CancellationToken cancel)
    {
        // Without its pin a DEL would not find what is in the namespace; another namespace does it no harm.
        if (container.MayHaveAttachments && namespaces.PinnedPath(container.Id).Length == 0)
            namespaces.Pin(container.Id, space);
        container = await DetachEarlierAsync(container) with { Fault = null };
        try
        {
            var plan = ContainerPlan.Of(container, labels, settings);
            container = Intend(container, plan);
            var interfaces = container.Interfaces.ToArray();
            await AddAsync(container, intent => AddAllAsync(plan, intent, interfaces, space, cancel),
                intent => intent with { Interfaces = interfaces });
        }
        catch (Exception fault) // whatever it is: nothing half-made stays
        {
            var isGivenUp = cancel.IsCancellationRequested; // whatever is thrown then, is thrown for it
            if (Records.Find(container.Id)?.IsEnding != true)
            {
                ports.Release(container.Id); // taken before anything was stored
                if (!isGivenUp)
                    MarkFailed(container with { Interfaces = [], Ports = [], NextTry = null }, fault.Message);
            }
            if (isGivenUp)
                throw new OperationCanceledException("given up and undone", fault, cancel);
            if (fault is RefusedException)
                throw;
            throw new RefusedException(fault.Message);
        }
    }

    /// <summary>
    /// Detaches: DEL of all there is, in reverse order, in the pinned namespace. What fails is stored and logged, and is tried again.
    /// </summary>
    /// <exception cref="CniException">Something failed; the others are detached.</exception>
    public override async Task<StoredContainer> DeleteAsync(StoredContainer record) =>
        record.MayHaveAttachments ? await DeleteAsync(record, DetachAsync) : record;

    /// <summary>
    /// Detaches by hand, for good: an attachment whose DEL fails is forgotten, and the container with it. Answers what has come of each.
    /// </summary>
    public async Task<IReadOnlyList<string>> ReleaseAsync(StoredContainer container)
    {
        var lines = new List<string>();
        foreach (var one in container.Interfaces.Reverse())
        {
            if (Find(container, one) is not { } attachment)
                continue;
            lines.Add(await Release.RunAsync(runtime, attachment, async () =>
            {
                using var deadline = new CancellationTokenSource(settings.CallTimeout, Clock);
                await runtime.DeleteAsync(attachment, PlaceFor(container, attachment), deadline.Token);
            }));
        }
        namespaces.Unpin(container.Id);
        ports.Release(container.Id);
        Records.Remove(container.Id);
        return lines.Count > 0 ? lines : [$"released {container.Id}: it had no attachment"];
    }

    /// <summary>Reads what the last run left, and holds its ports again. Called once, before anything asks.</summary>
    public void Restore()
    {
        Records.Load();
        namespaces.UnpinAllBut(All.Select(container => container.Id).ToHashSet());
        foreach (var container in All)
        {
            using var scope = log.BeginAttachment(container.Id);
            if (container.MayHaveAttachments && container.Boot == boot.Id
                && ports.TakeAgain(container.Id, "", container.Ports) is { Count: > 0 } lost)
                PortsLost(PortRanges.Text(lost));
            ServeIPv6(container);
        }
    }

    // Where the network that publishes gives IPv4 alone. The ports are held.
    private void ServeIPv6(StoredContainer container)
    {
        var publisher = container.Ports.Count == 0 ? null
            : container.Interfaces.Select(one => Find(container, one))
                .FirstOrDefault(attachment => attachment?.Capabilities.ContainsKey(CapabilityNames.PortMappings) == true);
        if (publisher?.Result is { } result)
            ServeIPv6(container, result, publisher.List);
    }

    private void ServeIPv6(StoredContainer container, CniResult result, NetworkList list)
    {
        if (PublishablePorts.ProxiedTo(result, list) is { } address)
            ports.Serve(container.Id, address);
    }

    /// <summary>Stores why a container that runs, or is to run, has no networks.</summary>
    public void MarkFailed(StoredContainer container, string reason) =>
        SaveBestEffort(container with { Phase = ContainerPhase.Failed, Fault = reason });

    /// <summary>Forgets a container that is not attached.</summary>
    public void Remove(StoredContainer container) => Records.Remove(container.Id);

    private void WriteFiles(StoredContainer container, IReadOnlyList<CniResult> results)
    {
        foreach (var fault in ContainerFiles.Write(container, results))
            FileLeftAlone(fault);
    }

    protected override void GiveUp(StoredContainer intent) => ports.Release(intent.Id);

    // Ports are held as long as rules for them may stand.
    protected override Task<StoredContainer?> KeptAsync(StoredContainer record, Exception fault)
    {
        if (record.Ports.Count == 0 || record.Interfaces.Any(one => PortRules.MayStand(Find(record, one))))
            return Task.FromResult<StoredContainer?>(record);
        ports.Release(record.Id);
        return Task.FromResult<StoredContainer?>(record with { Ports = [] });
    }

    protected override StoredContainer Dated(StoredContainer record) => base.Dated(record) with { Boot = boot.Id };

    protected override void NotDeleted(StoredContainer record, string reason, double seconds) =>
        NotDetached(reason, ShortId.Of(record.Id));

    protected override void StillNotDeleted(StoredContainer record, string reason, double seconds) => StillNotDetached(reason, seconds);

    // What it is to get, with the host ports that are taken for it.
    private StoredContainer Intend(StoredContainer container, ContainerPlan plan)
    {
        if (plan.Unpublished is { } unpublished && container.Remark != unpublished)
            NotPublished(unpublished);
        return container with
        {
            Phase = ContainerPhase.Attaching,
            Remark = plan.Unpublished,
            Interfaces = [.. plan.Networks.Select(one => new NamedInterface(one.Wish.Network.ToString(), one.Wish.IfName.ToString()))],
            Ports = plan.Ports.Count == 0 ? [] : TakePorts(container, plan.Ports),
        };
    }

    private async Task<bool> AddAllAsync(
        ContainerPlan plan, StoredContainer container, NamedInterface[] interfaces, NetworkNamespace space, CancellationToken cancel)
    {
        var netns = namespaces.Pin(container.Id, space);
        var results = new List<CniResult>();
        foreach (var (place, one) in plan.Networks.Index())
        {
            var (result, link) = await AddAsync(one, container.Id, netns, one == plan.Publisher ? container.Ports : [], space, cancel);
            results.Add(result);
            interfaces[place] = interfaces[place] with { Link = link };
            if (one == plan.Publisher)
                ServeIPv6(container, result, one.List);
        }
        WriteFiles(container, results);
        Save(container with { Phase = ContainerPhase.Attached, Interfaces = interfaces, WasAttached = true, FailedAdds = 0,
            NextTry = null });
        Attached(
            string.Join(", ", plan.Networks.Zip(results, (one, result) =>
                $"{one.Wish.Network} as {one.Wish.IfName} {string.Join(' ', result.Ips.Select(ip => ip.Address))}")),
                    PortRanges.Text(container.Ports));
        return true;
    }

    private async Task<StoredContainer> DetachAsync(StoredContainer container)
    {
        var faults = new List<Exception>();
        foreach (var one in container.Interfaces.Reverse())
        {
            try
            {
                using var deadline = new CancellationTokenSource(settings.CallTimeout, Clock);
                if (Find(container, one) is not { } attachment)
                    continue;
                AttachedInterface.Restore(one, namespaces.PinnedPath(container.Id), attachment.List);
                await runtime.DeleteAsync(attachment, PlaceFor(container, attachment), deadline.Token);
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

    private IReadOnlyList<PublishedPort> TakePorts(StoredContainer container, IReadOnlyList<PortBinding> wanted)
    {
        try
        {
            return ports.Take(container.Id, sandbox: "", wanted);
        }
        catch (RefusedException fault)
        {
            var reason = $"{fault.Message}; stop what has it, or publish another";
            throw container.Published.Count > 0 ? new RefusedException(reason) : ContainerLabels.Wrong(ContainerLabels.PortsKey, reason);
        }
    }

    private async Task<(CniResult Result, LinkIdentity? Link)> AddAsync(
        PlannedAttachment one, string container, string netns, IReadOnlyList<PublishedPort> published, NetworkNamespace space,
            CancellationToken cancel)
    {
        if (one.MayGiveIPv6)
            ContainerNamespaces.EnableIPv6(space, "default", "lo");
        try
        {
            var (list, request) = one.For(container, netns, published);
            await ClearStaleAsync(one, request, cancel);
            using var inside = RouteSocket.OpenIn(space);
            var earlier = inside.Links().Select(link => link.Index).ToHashSet();
            var result = await runtime.AddAsync(list, request, cancel);
            one.RefuseOther(result);
            inside.PreferDefaultRoutesOf(earlier);
            if (result.Ips.Any(ip => ip.Address.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6))
                ContainerNamespaces.EnableIPv6(space, "lo", one.Wish.IfName.ToString());
            return (result, AttachedInterface.IdentityOf(one.Wish.IfName, inside));
        }
        catch (CniException fault) when (one.Wish.Ips.Count > 0)
        {
            throw new RefusedException($"network {one.Wish.Network} with label "
                + $"cni.{one.Wish.Network}.ips={string.Join(',', one.Wish.Ips)}: {fault.Message}; where the address is taken, ask for "
                    + "another or remove the label");
        }
        catch (CniException fault)
        {
            throw new RefusedException($"network {one.Wish.Network}: {fault.Message}");
        }
    }

    // What plugins refused without a namespace they may take with an empty one: the reference sbr does (after a reboot there is no other).
    private string PlaceFor(StoredContainer container, CniCore.Cache.Attachment attachment)
    {
        var pinned = namespaces.PinnedPath(container.Id);
        return pinned.Length == 0 && attachment.FailedDels > 0 ? namespaces.PinEmpty(container.Id) : pinned;
    }

    private async Task<StoredContainer> DetachEarlierAsync(StoredContainer container)
    {
        try
        {
            return await DeleteAsync(container);
        }
        catch (CniException fault)
        {
            throw new RefusedException($"what an earlier start of the container left could not be removed: {fault.Message}; 'cnid "
                + $"release --force {ShortId.Of(container.Id)}' forgets it");
        }
    }

    // An attachment that our own books do not have: their file was lost, or a runtime by hand made it for this id.
    private async Task ClearStaleAsync(PlannedAttachment one, AttachmentRequest request, CancellationToken cancel)
    {
        if (runtime.Find(one.Wish.Network, request.ContainerId, request.IfName) is { } stale)
            await runtime.DeleteAsync(stale, stale.NetNs == request.NetNs ? "" : stale.NetNs, cancel);
    }

    private CniCore.Cache.Attachment? Find(StoredContainer container, NamedInterface one) =>
        runtime.Find(NetworkName.Parse(one.Network), ContainerId.Parse(container.Id), InterfaceName.Parse(one.IfName));

    [LoggerMessage(LogLevel.Information, "attached to {Networks} {Ports}")]
    private partial void Attached(string networks, string ports);

    [LoggerMessage(
        LogLevel.Warning, "{Reason}: left as it is, without the networks' names and addresses, until the container's next start")]
    private partial void FileLeftAlone(string reason);

    [LoggerMessage(LogLevel.Warning, "{Reason}")]
    private partial void NotPublished(string reason);

    [LoggerMessage(LogLevel.Information, "detached")]
    private partial void Detached();

    [LoggerMessage(LogLevel.Error, "not detached: {Reason}; it is tried again until it succeeds, ever more rarely, and by 'cnid gc "
        + "NETWORK'; 'cnid attachments' has it, 'cnid release --force {Container}' forgets it")]
    private partial void NotDetached(string reason, string container);

    [LoggerMessage(LogLevel.Debug, "still not detached: {Reason}; next try in {Seconds} s")]
    private partial void StillNotDetached(string reason, double seconds);

    [LoggerMessage(LogLevel.Warning,
        "{Ports} cannot be held any more: another process has taken them, or there are no open files left for them; the mapping stands")]
    private partial void PortsLost(string ports);
}
