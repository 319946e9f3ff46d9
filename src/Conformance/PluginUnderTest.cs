namespace Conformance;

/// <summary>The plugin to test, and its configuration.</summary>
internal sealed record PluginUnderTest
{
    public required string Type { get; init; }

    /// <summary>The executable; unused for a built-in plugin.</summary>
    public string Path { get; init; } = "";

    /// <summary>It is built in, and called through a link to this program.</summary>
    public bool IsBuiltin { get; init; }

    /// <summary><c>CNI_PATH</c>.</summary>
    public required IReadOnlyList<string> Folders { get; init; }

    public required PluginKind Kind { get; init; }

    /// <summary>
    /// Its configuration as JSON. <c>$N</c> stands for the attachment's number, three digits, for values that must differ between
    /// attachments.
    /// </summary>
    public required string Config { get; init; }

    /// <summary>The configurations of the earlier plugins of its list.</summary>
    public IReadOnlyList<string> Before { get; init; } = [];

    /// <summary>CNI_IFNAME.</summary>
    public string IfName { get; init; } = "eth0";

    /// <summary>Why its ADD cannot be tested; null where it can.</summary>
    public string? AddUnavailable { get; init; }

    /// <summary>The time limit of a call, in seconds.</summary>
    public double Timeout { get; init; } = 20;
}
