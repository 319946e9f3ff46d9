using CniCore.Cache;
using CniCore.Config;
using CniCore.Spec;
using Microsoft.Extensions.Logging;

namespace CniCore.Runtime;

/// <summary>
/// The CNI runtime: ADD, DEL, CHECK, GC, STATUS and VERSION over a network list (CNI spec, section 3). What ADD was given is on disk before
/// the first plugin runs; DEL and CHECK replay it. One verb at a time for a container, across processes.
/// </summary>
public sealed partial class CniRuntime
{
    private readonly CniRuntimeOptions options;
    private readonly IPluginInvoker invoker;
    private readonly PluginChain chain;
    private readonly TimeProvider clock;
    private readonly ILogger<CniRuntime> log;
    private readonly AttachmentStore store;
    private readonly AttachmentTeardown teardown;
    private readonly AttachmentLocks locks;

    /// <summary>Makes a runtime that runs plugins through <paramref name="invoker"/>.</summary>
    public CniRuntime(CniRuntimeOptions options, IPluginInvoker invoker, TimeProvider clock, ILogger<CniRuntime> log)
    {
        (this.options, this.clock, this.log) = (options, clock, log);
        this.invoker = invoker;
        chain = new(invoker);
        store = new(options.CacheFolder, options.CopyFolder, log);
        teardown = new(store, chain, log);
        locks = new(options.LockFolder);
    }

    /// <summary>Removes unfinished files that killed processes left in the store.</summary>
    public void RemoveUnfinished() => store.RemoveUnfinished();

    /// <summary>All attachments, in any phase.</summary>
    public IReadOnlyList<Attachment> Attachments() => store.All();

    /// <summary>The attachment, if there is one.</summary>
    /// <exception cref="CniPluginException">Its file cannot be read now; the code is 5.</exception>
    public Attachment? Find(NetworkName network, ContainerId container, InterfaceName ifName) =>
        store.Get(network.ToString(), container.ToString(), ifName.ToString());

    /// <summary>
    /// ADD: runs the plugins in order, each with the previous result. If one fails, or the token is cancelled, DEL runs for those that have
    /// run, in reverse order and with its own time limit, and the error is thrown. If none has run, nothing is stored.
    /// </summary>
    /// <exception cref="CniPluginException">A plugin failed. Nothing is left, unless the message says that the undo failed too.</exception>
    /// <exception cref="CniConfigException">The attachment exists already, or an argument cannot be expressed.</exception>
    public async Task<CniResult> AddAsync(NetworkList list, AttachmentRequest request, CancellationToken cancel)
    {
        list = request.IsAddressOnly ? list : WithAdmission(list);
        var attachment = NewAttachment(list, request);
        using var held = await locks.ForAttachmentAsync(request.ContainerId, list.Name, cancel);
        await chain.ThrowIfMissingAsync(list, cancel);
        await DeleteLeftoverAsync(attachment, cancel);

        var progress = new AddProgress(store, attachment);
        progress.Store();
        try
        {
            var result = await chain.AddAsync(list, attachment, progress, cancel);
            store.Save(attachment with { Phase = AttachmentPhase.Added, Result = result });
            return result;
        }
        catch (Exception fault)
        {
            if (await UndoAsync(progress, fault) is { } undo)
                throw AddFailure.NotUndone(fault, undo);
            throw;
        }
    }

    /// <summary>
    /// DEL: replays the list, arguments, capabilities and result of ADD, in reverse order. Every plugin runs; then the failures are thrown,
    /// and the attachment stays in the store, without the plugins that succeeded, so that DEL can be repeated. A plugin that keeps refusing
    /// is finally run without a namespace. If nothing is stored, <paramref name="list"/> is used.
    /// </summary>
    /// <exception cref="CniPluginException">One plugin failed.</exception>
    /// <exception cref="CniTeardownException">Several plugins failed.</exception>
    public async Task DeleteAsync(NetworkList list, AttachmentRequest request, CancellationToken cancel)
    {
        using var held = await locks.ForAttachmentAsync(request.ContainerId, list.Name, cancel);
        var stored = Find(list.Name, request.ContainerId, request.IfName);
        var replayed = Replay(stored, list, request);
        await teardown.RunAsync(replayed, isStored: stored is not null, DelNamespaces.From(request.NetNs, replayed), cancel);
    }

    /// <summary>DEL of a stored attachment, in the namespace where it is now. Succeeds if the attachment is gone.</summary>
    /// <exception cref="CniException">As the other <c>DeleteAsync</c>.</exception>
    public Task DeleteAsync(Attachment attachment, string netns, CancellationToken cancel) =>
        DeleteAsync(attachment, DelNamespaces.From(netns, attachment), cancel);

    /// <summary>
    /// DEL in one namespace after another while plugins refuse. The next namespace is asked for only when it is needed, and plugins that
    /// succeeded do not run again. An empty path means no namespace.
    /// </summary>
    /// <exception cref="CniException">As for the other <c>DeleteAsync</c>: the errors of the last try.</exception>
    public async Task DeleteAsync(Attachment attachment, IEnumerable<string> namespaces, CancellationToken cancel)
    {
        using var held = await locks.ForAttachmentAsync(
            ContainerId.Parse(attachment.ContainerId), NetworkName.Parse(attachment.Network), cancel);
        if (store.Get(attachment.Network, attachment.ContainerId, attachment.IfName) is { } stored)
            await teardown.RunAsync(stored, isStored: true, namespaces, cancel);
    }

    /// <summary>
    /// Removes an attachment from the store without DEL. What its plugins made stays. For an attachment whose DEL can never succeed.
    /// </summary>
    public async Task ForgetAsync(Attachment attachment, CancellationToken cancel)
    {
        using var held = await locks.ForAttachmentAsync(
            ContainerId.Parse(attachment.ContainerId), NetworkName.Parse(attachment.Network), cancel);
        store.Remove(attachment);
    }

    /// <summary>CHECK: replays what ADD was given and answered.</summary>
    /// <exception cref="CniPluginException">A plugin found a difference from what ADD left.</exception>
    /// <exception cref="CniConfigException">There is no such attachment, or its version has no CHECK.</exception>
    public async Task CheckAsync(NetworkList list, AttachmentRequest request, CancellationToken cancel)
    {
        using var held = await locks.ForAttachmentAsync(request.ContainerId, list.Name, cancel);
        var stored = Find(list.Name, request.ContainerId, request.IfName);
        if (stored is null)
            throw new CniConfigException(
                $"{request.ContainerId} has no attachment {request.IfName} to the network {list.Name} that could be checked");
        if (stored.Phase != AttachmentPhase.Added)
            throw new CniConfigException(
                $"{request.ContainerId} is not attached to the network {list.Name} as {request.IfName}: {StateOf(stored)}");
        var addedList = stored.List;
        if (!CniVersions.Allows(addedList.CniVersion, CniCommand.Check))
            throw new CniConfigException($"configuration version {addedList.CniVersion} does not support the CHECK command");
        if (!addedList.DisableCheck)
            await chain.CheckAsync(addedList, Replay(stored, list, request) with { NetNs = request.NetNs }, cancel);
    }

    private async Task DeleteLeftoverAsync(Attachment wanted, CancellationToken cancel)
    {
        if (store.Find(wanted.Network, wanted.ContainerId, wanted.IfName) is not { } there)
            return;
        if (there.Phase == AttachmentPhase.Added)
            throw new CniConfigException($"{wanted.ContainerId} is attached to the network {wanted.Network} as {wanted.IfName} already; "
                + "delete that attachment first");
        Leftover(wanted.Network, wanted.ContainerId, wanted.IfName, there.Phase);
        try
        {
            await teardown.RunAsync(there, isStored: true, DelNamespaces.From(wanted.NetNs, there), cancel);
        }
        catch (CniException fault)
        {
            throw new CniConfigException(
                $"{wanted.ContainerId} cannot be attached to the network {wanted.Network} as {wanted.IfName}: "
                + $"{StateOf(there with { Fault = fault.Message })}; delete that attachment first", fault);
        }
    }

    // The record is on disk before anything is deleted: the plugins that have run, and the last result.
    private async Task<Exception?> UndoAsync(AddProgress progress, Exception add)
    {
        var attachment = progress.SoFar;
        if (progress.Begun == 0)
        {
            store.Remove(attachment);
            return null;
        }
        attachment = attachment with
        {
            AddFault = add is OperationCanceledException ? "its caller gave up, or its time was over" : add.Message,
        };
        using var time = new CancellationTokenSource(options.UndoTimeout, clock);
        try
        {
            await teardown.RunAsync(attachment, isStored: true, DelNamespaces.From(attachment.NetNs, attachment), time.Token);
            return null;
        }
        catch (Exception fault) when (fault is CniException or OperationCanceledException or IOException)
        {
            NotUndone(attachment.Network, attachment.ContainerId, attachment.IfName, attachment.AddFault, fault.Message);
            return fault is OperationCanceledException
                ? new CniTeardownException([new TimeoutException($"DEL did not end within {options.UndoTimeout.TotalSeconds} s")])
                : fault;
        }
    }

    private static string StateOf(Attachment attachment) => attachment switch
    {
        { AddFault: { } add, Fault: { } del } => $"an earlier ADD failed ({add}), and its DEL failed ({del})",
        { AddFault: { } add } => $"an earlier ADD failed ({add})",
        { Fault: { } del } => $"an earlier DEL failed ({del})",
        { Phase: AttachmentPhase.Adding } => "an earlier ADD did not end",
        _ => "an earlier DEL did not end",
    };

    // Empty arguments are taken from ADD; given ones win, as with cnitool.
    private Attachment Replay(Attachment? stored, NetworkList list, AttachmentRequest request)
    {
        stored ??= new()
        {
            ContainerId = request.ContainerId.ToString(),
            Network = list.Name.ToString(),
            IfName = request.IfName.ToString(),
            NetNs = request.NetNs,
            List = Stored(list),
            Builtins = chain.BuiltinsFor(list),
        };
        return stored with
        {
            Args = request.Args.Count > 0 ? CniArgs.Join(request.Args) : stored.Args,
            Capabilities = request.Capabilities.Count > 0 ? request.Capabilities : stored.Capabilities,
        };
    }

    // As the file has it: DEL and CHECK see the same list before and after a restart.
    private static NetworkList Stored(NetworkList list) =>
        list.AtVersion(list.CniVersion) with { PrefersBuiltins = false, Source = null };

    [LoggerMessage(
        LogLevel.Warning, "{Network}/{Container}/{IfName} was left in phase {Phase} by a run that did not end; its DEL runs first")]
    private partial void Leftover(string network, string container, string ifName, AttachmentPhase phase);

    [LoggerMessage(LogLevel.Error, "{Network}/{Container}/{IfName}: ADD failed: {Reason}; undoing it failed as well: {Undo}; the "
        + "attachment stays in phase Deleting until a DEL succeeds")]
    private partial void NotUndone(string network, string container, string ifName, string reason, string undo);
}
