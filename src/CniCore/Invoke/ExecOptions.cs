namespace CniCore.Invoke;

/// <summary>Where plugins are, and what one run may take.</summary>
public sealed record ExecOptions
{
    /// <summary>The folders to look in, in order; also the plugins' <c>CNI_PATH</c>.</summary>
    public required IReadOnlyList<string> PluginFolders { get; init; }

    /// <summary>How long one run may take, retries included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a plugin has between TERM and KILL.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Bytes of standard output; more is an error.</summary>
    public int OutputLimit { get; init; } = 1024 * 1024;

    /// <summary>Bytes of standard error that are kept.</summary>
    public int ErrorLimit { get; init; } = 64 * 1024;
}
