using CniCore.Firewall;
using CniCore.Spec;

namespace CniCore.Plugins;

/// <summary>
/// A plugin that runs in this process. It accepts and returns what the reference plugin of the same name does (CNI spec, section 2); errors
/// are <see cref="CniPluginException"/>s. All verbs except ADD are idempotent.
/// </summary>
internal abstract class BuiltinPlugin
{
    /// <summary>ADD. If it fails, nothing is left.</summary>
    public abstract Task<CniResult> AddAsync(BuiltinCall call, CancellationToken cancel);

    /// <summary>DEL. Removes what is there, whichever of namespace, interface, previous result or capabilities is missing.</summary>
    public abstract Task DeleteAsync(BuiltinCall call, CancellationToken cancel);

    /// <summary>CHECK. Throws if something is not as ADD left it.</summary>
    public abstract Task CheckAsync(BuiltinCall call, CancellationToken cancel);

    /// <summary>The firewall policy of the attachment, from the configuration and the result of ADD; null for none.</summary>
    public virtual FirewallPolicy? PolicyOf(BuiltinCall call) => null;

    /// <summary>Writes the rules of <see cref="PolicyOf"/> again, without the rest of ADD. Idempotent.</summary>
    public virtual void RestoreRules(BuiltinCall call)
    {
    }

    /// <summary>GC. Removes what belongs to none of <see cref="BuiltinCall.Valid"/>.</summary>
    public virtual Task CollectGarbageAsync(BuiltinCall call, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>STATUS. Throws code 50 if ADD could not succeed now.</summary>
    public virtual Task StatusAsync(BuiltinCall call, CancellationToken cancel) => Task.CompletedTask;
}
