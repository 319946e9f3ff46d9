namespace CniCore.Spec;

/// <summary>
/// Performs one CNI verb for one plugin: the seam between the runtime and what does the work, a child process or a built-in.
/// (The part <c>invoke.Exec</c> plays in libcni.)
/// </summary>
public interface IPluginInvoker
{
    /// <summary>Whether this invoker has a plugin of that type. Says so without running it.</summary>
    bool Has(PluginType type);

    /// <summary>
    /// Whether a call of that type should be performed in this process. <paramref name="preferred"/>: the list would rather have it so.
    /// </summary>
    bool TakesBuiltin(PluginType type, bool preferred) => false;

    /// <summary>Runs the verb and answers what the plugin wrote to standard output, unparsed.</summary>
    /// <exception cref="CniPluginException">The plugin refused, failed, was killed at its deadline, or could not be found or
    /// started.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up; the plugin was stopped first.</exception>
    Task<PluginAnswer> InvokeAsync(PluginCall call, CancellationToken cancel);
}
