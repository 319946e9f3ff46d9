using CniCore.Cache;
using CniCore.Config;
using CniCore.Linux.Nftables;
using CniCore.Spec;
using Microsoft.Extensions.Logging;

namespace CniCore.Runtime;

public sealed partial class CniRuntime
{
    // A plugin may hang while it holds the lock. The rules of the other attachments do not wait for it.
    private static readonly TimeSpan LockPatience = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// The firewall rules of attachments that are missing on the host. Only built-ins can tell, from the stored configuration, arguments,
    /// capabilities and result; the rules of executables are unknown.
    /// </summary>
    public IReadOnlyList<MissingRule> MissingRules() =>
        invoker is IRuleKeeper keeper ? [.. keeper.Damaged(), .. Incomplete(keeper).SelectMany(incomplete => incomplete.Missing)] : [];

    /// <summary>
    /// Writes missing rules again, each attachment under its lock. An attachment that is deleted meanwhile gets nothing; one whose lock is
    /// taken is left for the next call.
    /// </summary>
    /// <param name="mayWrite">Asked for each place (<see cref="MissingRule.Place"/>) that lacks something.</param>
    /// <param name="cancel">Stops between two attachments.</param>
    /// <exception cref="CniTeardownException">Some rules could not be written. All were tried.</exception>
    public async Task RestoreRulesAsync(Func<string, bool> mayWrite, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(mayWrite);
        if (invoker is not IRuleKeeper keeper)
            return;
        var faults = new List<Exception>();
        Try(() => keeper.RemoveWithoutPort(Keys), faults); // their attachment's record was lost, or deleted by cnid 0.1
        Try(() => keeper.Repair([.. keeper.Damaged().Where(rule => mayWrite(rule.Place))]), faults);
        foreach (var (attachment, missing) in Incomplete(keeper))
        {
            cancel.ThrowIfCancellationRequested();
            using var held = await TryLockAsync(attachment);
            if (held is null || store.Find(attachment.Network, attachment.ContainerId,
                attachment.IfName) is not { Phase: AttachmentPhase.Added } now || now.CreatedAt != attachment.CreatedAt)
                continue;
            // Every place is asked for: the caller counts the answers.
            if (missing.Select(rule => rule.Place).Distinct().Where(mayWrite).ToList() is [])
                continue;
            RulesRestored(now.Network, now.ContainerId, now.IfName, string.Join("; ", missing.Select(rule => rule.Text)));
            foreach (var call in RuleCalls(now))
                Try(() => keeper.Restore(call), faults);
        }
        if (faults.Count > 0)
            throw new CniTeardownException(faults);
    }

    /// <summary>
    /// Removes rules of attachments that ended while cnid 0.1 ran, which does not know them. Does nothing where there is no store: it was
    /// lost, and its attachments keep their rules until they are adopted.
    /// </summary>
    /// <exception cref="CniPluginException">They could not be removed.</exception>
    public void RemoveStrayRules()
    {
        if (invoker is IRuleKeeper keeper && Directory.Exists(options.CacheFolder))
            keeper.RemoveStray(Keys);
    }

    /// <summary>
    /// Adds the built-in <c>cnid-admission</c> to existing attachments of earlier versions or settings, as their ADD would today.
    /// <see cref="RestoreRulesAsync"/> then writes the rules. Does nothing unless <see cref="CniRuntimeOptions.Admits"/> is set.
    /// </summary>
    /// <param name="which">Selects the attachments: those of generated lists have rules of their own.</param>
    /// <param name="cancel">Cancels the wait for an attachment's lock.</param>
    public async Task AdmitEarlierAsync(Func<Attachment, bool> which, CancellationToken cancel)
    {
        foreach (var attachment in store.All().Where(attachment => IsToBeAdmitted(attachment) && which(attachment)))
        {
            using var held = await locks.ForAttachmentAsync(
                ContainerId.Parse(attachment.ContainerId), NetworkName.Parse(attachment.Network), cancel);
            if (store.Find(attachment.Network, attachment.ContainerId, attachment.IfName) is { } now && IsToBeAdmitted(now))
                store.Save(now with
                {
                    List = WithAdmission(now.List),
                    Builtins = [.. now.Builtins, PluginType.Admission.ToString()]
                });
        }
    }

    private bool IsToBeAdmitted(Attachment attachment) => options.Admits && attachment.Phase == AttachmentPhase.Added
        && !attachment.Builtins.Contains(Firewall) && !attachment.Builtins.Contains(PluginType.Admission.ToString());

    private IEnumerable<(Attachment Attachment, IReadOnlyList<MissingRule> Missing)> Incomplete(IRuleKeeper keeper)
    {
        List<Attachment> attachments =
            [.. store.All().Where(attachment => attachment is { Phase: AttachmentPhase.Added, Result: not null })];
        return attachments.Zip(keeper.Missing([.. attachments.Select(RuleCalls)])).Where(pair => pair.Second.Count > 0);
    }

    private IEnumerable<(string Network, string ContainerId, string IfName)> Keys() =>
        store.All().Select(attachment => (attachment.Network, attachment.ContainerId, attachment.IfName));

    // The same calls as for CHECK.
    private static IReadOnlyList<PluginCall> RuleCalls(Attachment attachment) => PluginChain.ChecksOf(attachment.List, attachment);

    private async Task<IDisposable?> TryLockAsync(Attachment attachment)
    {
        using var patience = new CancellationTokenSource(LockPatience, clock);
        try
        {
            return await locks.ForAttachmentAsync(
                ContainerId.Parse(attachment.ContainerId), NetworkName.Parse(attachment.Network), patience.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static void Try(Action work, List<Exception> faults)
    {
        try
        {
            work();
        }
        catch (CniException fault)
        {
            faults.Add(fault);
        }
    }

    [LoggerMessage(LogLevel.Debug, "{Network}/{Container}/{IfName}: its missing rules are written again: {Missing}")]
    private partial void RulesRestored(string network, string container, string ifName, string missing);
}
