using System.Text.Json;
using CniCore.Cache;
using CniCore.Spec;
using Microsoft.Extensions.Logging;

namespace CniCore.Runtime;

public sealed partial class CniRuntime
{
    /// <summary>
    /// Changes one capability argument of an existing attachment: the chained plugins that ask for the capability get DEL with the old
    /// value and ADD with the new one. Only for plugins that do nothing else, such as portmap; the first plugin of the list never takes
    /// part. The new value is stored first, so that DEL of the whole attachment works at any point.
    /// </summary>
    /// <param name="attachment">The attachment.</param>
    /// <param name="capability">The capability's name.</param>
    /// <param name="value">The new value; null removes the argument.</param>
    /// <param name="netns">Where the attachment is now. ADD of an executable needs an existing namespace.</param>
    /// <param name="cancel">Cancels. What has begun is undone even so.</param>
    /// <exception cref="CniPluginException">A plugin refused. The new value is undone. The old one is gone too, unless the DEL
    /// failed.</exception>
    /// <exception cref="CniConfigException">There is no such attachment.</exception>
    public async Task ChangeCapabilityAsync(
        Attachment attachment, string capability, JsonElement? value, string netns, CancellationToken cancel)
    {
        using var held = await locks.ForAttachmentAsync(
            ContainerId.Parse(attachment.ContainerId), NetworkName.Parse(attachment.Network), cancel);
        if (store.Find(attachment.Network, attachment.ContainerId, attachment.IfName) is not { Phase: AttachmentPhase.Added } stored)
            throw new CniConfigException($"{attachment.ContainerId} has no attachment {attachment.IfName} to the network "
                + $"{attachment.Network} that could be changed");
        var list = stored.List;
        if (stored.Capabilities.ContainsKey(capability))
            stored = await WithdrawAsync(list, stored, capability, netns, cancel);
        if (value is not { } wanted)
            return;
        var changed = stored with { Capabilities = new Dictionary<string, JsonElement>(stored.Capabilities) { [capability] = wanted } };
        store.Save(changed);
        try
        {
            await chain.AddAgainAsync(list, changed with { NetNs = netns }, capability, cancel);
        }
        catch
        {
            await UndoAsync(list, changed, capability, netns);
            throw;
        }
    }

    private async Task UndoAsync(NetworkList list, Attachment changed, string capability, string netns)
    {
        using var time = new CancellationTokenSource(options.UndoTimeout, clock);
        try
        {
            await WithdrawAsync(list, changed, capability, netns, time.Token);
        }
        catch (Exception fault) when (fault is CniException or OperationCanceledException or IOException)
        {
            NotWithdrawn(changed.Network, changed.ContainerId, changed.IfName, capability, fault.Message);
        }
    }

    private async Task<Attachment> WithdrawAsync(
        NetworkList list, Attachment attachment, string capability, string netns, CancellationToken cancel)
    {
        var faults = await chain.DeleteAgainAsync(list, attachment with { NetNs = netns }, capability, cancel);
        cancel.ThrowIfCancellationRequested();
        if (faults.Count > 0)
            throw faults is [CniException only] ? only : new CniTeardownException(faults);
        var without = attachment with
        {
            Capabilities = attachment.Capabilities.Where(argument => argument.Key != capability).ToDictionary(),
        };
        store.SaveBestEffort(without);
        return without;
    }

    [LoggerMessage(LogLevel.Error,
        "{Network}/{Container}/{IfName}: the failed change of {Capability} could not be undone: {Reason}; the attachment's DEL undoes it")]
    private partial void NotWithdrawn(string network, string container, string ifName, string capability, string reason);
}
