using CniCore.Cache;
using CniCore.Config;
using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Runtime;

public sealed partial class CniRuntime
{
    // A plugin of it may hang; the others' rules do not wait.
    private static readonly TimeSpan LockPatience = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// The rules of attachments that should stand on the host, and do not: those that built-ins have written, by the configuration,
    /// arguments, capabilities and result that are stored. Of what executables have written nothing is known.
    /// </summary>
    public IReadOnlyList<MissingRule> MissingRules() =>
        invoker is IRuleKeeper keeper ? [.. keeper.Damaged(), .. Incomplete(keeper).SelectMany(incomplete => incomplete.Missing)] : [];

    /// <summary>
    /// Writes again what is missing. Each attachment under its lock: one that goes meanwhile gets nothing back, one that is busy is left
    /// for the next time.
    /// </summary>
    /// <param name="mayWrite">Asked for each place (<see cref="MissingRule.Place"/>) that really lacks something.</param>
    /// <param name="cancel">Stops between two attachments.</param>
    /// <exception cref="CniTeardownException">Some could not be written; all were tried.</exception>
    public async Task RestoreRulesAsync(Func<string, bool> mayWrite, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(mayWrite);
        if (invoker is not IRuleKeeper keeper)
            return;
        var faults = new List<Exception>();
        Try(() => keeper.Repair([.. keeper.Damaged().Where(rule => mayWrite(rule.Place))]), faults);
        foreach (var (attachment, missing) in Incomplete(keeper))
        {
            cancel.ThrowIfCancellationRequested();
            using var held = await TryLockAsync(attachment);
            if (held is null || store.Find(attachment.Network, attachment.ContainerId,
                attachment.IfName) is not { Phase: AttachmentPhase.Added } now || now.CreatedAt != attachment.CreatedAt)
                continue;
            // Each place is asked for, since each answer is counted.
            if (missing.Select(rule => rule.Place).Distinct().Where(mayWrite).ToList() is [])
                continue;
            foreach (var call in RuleCalls(now))
                Try(() => keeper.Restore(call), faults);
        }
        if (faults.Count > 0)
            throw new CniTeardownException(faults);
    }

    /// <summary>
    /// Gives attachments that were made before this setting, or by an earlier version, what their ADD would do now: with
    /// <see cref="CniRuntimeOptions.Admits"/> they are admitted from the next <see cref="RestoreRulesAsync"/> on.
    /// </summary>
    /// <param name="which">Which attachments: those of generated lists are admitted otherwise.</param>
    /// <param name="cancel">Gives up waiting for an attachment that is being added or deleted.</param>
    public async Task AdmitEarlierAsync(Func<Attachment, bool> which, CancellationToken cancel)
    {
        foreach (var attachment in store.All().Where(attachment => IsToBeAdmitted(attachment) && which(attachment)))
        {
            using var held = await locks.ForAttachmentAsync(
                ContainerId.Parse(attachment.ContainerId), NetworkName.Parse(attachment.Network), cancel);
            if (store.Find(attachment.Network, attachment.ContainerId, attachment.IfName) is { } now && IsToBeAdmitted(now))
                store.Save(now with { List = WithAdmission(now.List),
                    Builtins = [.. now.Builtins, PluginType.Admission.ToString()] });
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

    // As CHECK has them.
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
}
