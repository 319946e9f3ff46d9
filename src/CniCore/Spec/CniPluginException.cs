namespace CniCore.Spec;

/// <summary>
/// A plugin said no, or could not be made to say anything. Only ever a plugin's fault (or that of a verb's environment, in a plugin's
/// words).
/// </summary>
public sealed class CniPluginException : CniException
{
    /// <summary>Makes the fault. <paramref name="message"/> is CNI's <c>msg</c>.</summary>
    public CniPluginException(CniErrorCode code, string message, string details = "", Exception? inner = null)
        : base(details.Length == 0 ? message : $"{message}: {details}", inner)
    {
        Code = code;
        Reason = message;
        Details = details;
    }

    /// <summary>CNI's <c>code</c>.</summary>
    public CniErrorCode Code { get; }

    /// <summary>CNI's <c>msg</c>, without the details.</summary>
    public string Reason { get; }

    /// <summary>CNI's <c>details</c>; may be empty.</summary>
    public string Details { get; }

    /// <summary>The plugin at fault, where one was reached.</summary>
    public PluginType? Plugin { get; init; }

    /// <summary>The plugin was not found or could not be started: it has done nothing.</summary>
    public bool NeverStarted { get; init; }

    /// <summary>What the plugin wrote to standard output, cut to a bounded length.</summary>
    public string StandardOutput { get; init; } = "";

    /// <summary>What the plugin wrote to standard error, cut to a bounded length.</summary>
    public string StandardError { get; init; } = "";
}
