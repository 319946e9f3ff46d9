namespace CniCore.Spec;

/// <summary>A plugin failed or could not be run. Also an invalid verb or environment, in the words of a plugin.</summary>
public sealed class CniPluginException : CniException
{
    /// <summary>Creates the exception. <paramref name="message"/> is CNI's <c>msg</c>.</summary>
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

    /// <summary>The plugin that failed; null if none was reached.</summary>
    public PluginType? Plugin { get; init; }

    /// <summary>The plugin was not found or could not be started, so it has done nothing.</summary>
    public bool NeverStarted { get; init; }

    /// <summary>The plugin's standard output, truncated.</summary>
    public string StandardOutput { get; init; } = "";

    /// <summary>The plugin's standard error, truncated.</summary>
    public string StandardError { get; init; } = "";
}
