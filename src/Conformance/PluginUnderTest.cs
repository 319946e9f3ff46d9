namespace Conformance;

/// <summary>The plugin that is tried, and with what.</summary>
internal sealed record PluginUnderTest
{
    public required string Type { get; init; }

    /// <summary>The executable. Not looked at where <see cref="IsBuiltin"/>.</summary>
    public string Path { get; init; } = "";

    /// <summary>It is one of cnid's own, called through a link.</summary>
    public bool IsBuiltin { get; init; }

    /// <summary><c>CNI_PATH</c>.</summary>
    public required IReadOnlyList<string> Folders { get; init; }

    public required PluginKind Kind { get; init; }

    /// <summary>
    /// Its configuration, JSON. <c>$N</c> stands for the attachment's number, three digits: what two attachments cannot both have.
    /// </summary>
    public required string Config { get; init; }

    /// <summary>The plugins of its list that come before it, each a configuration.</summary>
    public IReadOnlyList<string> Before { get; init; } = [];

    /// <summary>The interface's name inside.</summary>
    public string IfName { get; init; } = "eth0";

    /// <summary>Why its ADD cannot be tried; null where it can.</summary>
    public string? Unaddable { get; init; }

    /// <summary>How long one call may take, in seconds.</summary>
    public double Timeout { get; init; } = 20;
}
