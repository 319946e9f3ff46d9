using CniCore.Cache;
using CniCore.Spec;
using Microsoft.Extensions.Logging;

namespace CniCore.Runtime;

/// <summary>
/// DEL of one attachment over its list, last plugin first. After each executable its success is on disk before the next plugin runs, so
/// that a repeated DEL skips it. A built-in may run twice: it removes what carries its attachment's comment.
/// </summary>
internal sealed partial class AttachmentTeardown(AttachmentStore store, PluginChain chain, ILogger log)
{
    private const string KilledInAdd = "ADD did not end: its process was killed";

    /// <summary>Tries each namespace in turn while plugins refuse. A plugin whose DEL has succeeded does not run again.</summary>
    /// <param name="attachment">What ADD was given and returned.</param>
    /// <param name="isStored">Whether the attachment is in the store; progress and failures are saved only then.</param>
    /// <param name="namespaces">The namespaces to try, in order. The next one is asked for only if plugins refused in the one
    /// before.</param>
    /// <param name="cancel">Stops the running plugin, and the teardown.</param>
    /// <exception cref="CniException">Plugins failed. The attachment stays in the store.</exception>
    public async Task RunAsync(Attachment attachment, bool isStored, IEnumerable<string> namespaces, CancellationToken cancel)
    {
        if (attachment.Phase == AttachmentPhase.Adding)
            attachment = attachment with { AddFault = attachment.AddFault ?? KilledInAdd };
        attachment = attachment with { Phase = AttachmentPhase.Deleting };
        SaveBestEffort(attachment, isStored);
        List<CniException> faults = [];
        using var places = namespaces.GetEnumerator();
        while (Next(places, attachment, isStored) is { } netns)
        {
            (attachment, faults) = await RunOnceAsync(attachment, isStored, netns, cancel);
            if (!MayHelpElsewhere(faults) || cancel.IsCancellationRequested)
                break;
            SaveBestEffort(attachment, isStored);
        }
        if (faults.Count > 0)
        {
            var fault = faults is [var only] ? only : new CniTeardownException(faults);
            SaveBestEffort(Failed(attachment, fault.Message), isStored);
            throw fault;
        }
        if (isStored)
            store.Remove(attachment);
        else
            store.RemoveUnfinished(attachment);
    }

    // Opening a namespace may fail. That counts as a failed DEL, after which the next DEL tries other places.
    private string? Next(IEnumerator<string> places, Attachment attachment, bool isStored)
    {
        try
        {
            return places.MoveNext() ? places.Current : null;
        }
        catch (Exception fault)
        {
            SaveBestEffort(Failed(attachment, fault.Message), isStored);
            throw;
        }
    }

    private async Task<(Attachment Attachment, List<CniException> Faults)> RunOnceAsync(
        Attachment attachment, bool isStored, string netns, CancellationToken cancel)
    {
        var list = attachment.List;
        var faults = new List<CniException>();
        var isUnsaved = false;
        for (var at = list.Plugins.Count - 1; at >= 0; at--)
        {
            if (attachment.Done?.Contains(at) == true)
                continue;
            if (isUnsaved)
                SaveBestEffort(attachment, isStored);
            isUnsaved = false;
            try
            {
                await chain.DeleteAsync(list, list.Plugins[at], attachment, netns, cancel);
            }
            catch (CniException fault) when (fault.Message == attachment.AddFault)
            {
                // The message is the same as ADD's: the plugin rejects its input and has never made anything.
                RefusesBoth(attachment.Network, attachment.ContainerId, attachment.IfName, fault.Message);
            }
            catch (CniException fault)
            {
                faults.Add(fault);
                continue;
            }
            catch (OperationCanceledException)
            {
                SaveBestEffort(Failed(attachment, $"plugin {list.Plugins[at].Type} did not end in time"), isStored);
                throw;
            }
            attachment = attachment with { Done = [.. attachment.Done ?? [], at] };
            isUnsaved = !attachment.Builtins.Contains(list.Plugins[at].Type.ToString());
        }
        return (attachment, faults);
    }

    // A plugin that hangs, or says "try again later", does the same in any namespace.
    private static bool MayHelpElsewhere(List<CniException> faults) => faults.Count > 0 && faults.All(fault =>
        fault is CniPluginException { NeverStarted: false, Code: not (CniErrorCode.DeadlineExceeded or CniErrorCode.TryAgain) });

    private static Attachment Failed(Attachment attachment, string reason) =>
        attachment with { Fault = reason, FailedDels = attachment.FailedDels + 1 };

    private void SaveBestEffort(Attachment attachment, bool isStored)
    {
        if (isStored)
            store.SaveBestEffort(attachment);
    }

    [LoggerMessage(LogLevel.Warning,
        "{Network}/{Container}/{IfName}: a plugin refuses DEL with the words with which it refused ADD, so that it has made nothing: "
        + "{Reason}")]
    private partial void RefusesBoth(string network, string container, string ifName, string reason);
}
