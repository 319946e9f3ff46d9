using CniCore.Firewall;
using CniCore.Spec;

namespace CniCore.Plugins;

/// <summary>
/// A plugin that runs in this process. It takes what its reference of the same name takes and answers what that answers (CNI spec,
/// section 2); faults are <see cref="CniPluginException"/>s. All verbs are right to repeat, but ADD.
/// </summary>
internal abstract class BuiltinPlugin
{
    /// <summary>ADD. When it fails, nothing of it stays.</summary>
    public abstract Task<CniResult> AddAsync(BuiltinCall call, CancellationToken cancel);

    /// <summary>DEL. Cleans up whatever of namespace, interface, previous result or capabilities is missing by now.</summary>
    public abstract Task DeleteAsync(BuiltinCall call, CancellationToken cancel);

    /// <summary>CHECK: throws where something is not as ADD left it.</summary>
    public abstract Task CheckAsync(BuiltinCall call, CancellationToken cancel);

    /// <summary>
    /// What ADD has the host's firewall do for the attachment, by the configuration and the result of ADD; null for nothing.
    /// </summary>
    public virtual FirewallPolicy? PolicyOf(BuiltinCall call) => null;

    /// <summary>Writes the rules of <see cref="PolicyOf"/> again, and does nothing else of ADD. Right to repeat.</summary>
    public virtual void RestoreRules(BuiltinCall call)
    {
    }

    /// <summary>GC: removes what belongs to none of <see cref="BuiltinCall.Valid"/>.</summary>
    public virtual Task CollectGarbageAsync(BuiltinCall call, CancellationToken cancel) => Task.CompletedTask;

    /// <summary>STATUS: throws code 50 where an ADD could not succeed now.</summary>
    public virtual Task StatusAsync(BuiltinCall call, CancellationToken cancel) => Task.CompletedTask;
}
