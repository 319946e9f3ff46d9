using CniCore.Cache;
using CniCore.Spec;
using Microsoft.Extensions.Logging;

namespace CniCore.Runtime;

/// <summary>
/// DEL of one attachment over its list, the last plugin first. Which executables are done is on disk before the next plugin runs: a DEL
/// that is repeated, after a fault or a crash, leaves them out. A built-in may run twice: it removes what bears its attachment's mark.
/// </summary>
internal sealed partial class AttachmentTeardown(AttachmentStore store, PluginChain chain, ILogger log)
{
    private const string KilledInAdd = "ADD did not end: its process was killed";

    /// <summary>Tries in each of the namespaces, as long as plugins refuse; the plugins that are done are not run again.</summary>
    /// <param name="attachment">What ADD was given and answered.</param>
    /// <param name="isStored">Whether it is in the books, where progress and faults are kept.</param>
    /// <param name="namespaces">Where to try, in turn. Each is asked for only when the one before was of no use.</param>
    /// <param name="cancel">Ends the plugin that runs, and the teardown.</param>
    /// <exception cref="CniException">Plugins failed; the attachment stays.</exception>
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

    // To make one may fail, and counts as a DEL that has failed: the next one is tried otherwise.
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
                // It says to DEL word for word what it said to ADD: it refuses what it is given, and has never got any further.
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

    // One that hangs, or says "later", says so wherever it is asked.
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
