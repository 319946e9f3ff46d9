namespace CniCore.Spec;

/// <summary>Runs one CNI verb of one plugin: as a child process, or as a built-in. (<c>invoke.Exec</c> in libcni.)</summary>
public interface IPluginInvoker
{
    /// <summary>Whether there is a plugin of that type. Does not run it.</summary>
    bool Has(PluginType type);

    /// <summary>Whether the type should run as a built-in. <paramref name="preferred"/>: the list prefers built-ins.</summary>
    bool TakesBuiltin(PluginType type, bool preferred) => false;

    /// <summary>Runs the verb and returns the plugin's standard output, unparsed.</summary>
    /// <exception cref="CniPluginException">The plugin failed, timed out, or could not be found or started.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled. The plugin has been stopped.</exception>
    Task<PluginAnswer> InvokeAsync(PluginCall call, CancellationToken cancel);
}
