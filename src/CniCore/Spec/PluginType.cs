namespace CniCore.Spec;

/// <summary>A plugin's type: the name of its executable, never a path (CVE-2021-20206).</summary>
public readonly record struct PluginType
{
    private readonly string? value;

    private PluginType(string value) => this.value = value;

    /// <summary>
    /// The runtime's own plugin, which it puts at the end of a list: it lets the attachment's packets past the host's FORWARD.
    /// </summary>
    internal static PluginType Admission { get; } = new("cnid-admission");

    /// <summary>It is a plugin of the CNI project (containernetworking/plugins) that runs on Linux.</summary>
    public bool IsReferencePlugin => ReferencePlugins.Has(ToString());

    /// <summary>It is an IPAM plugin of the CNI project.</summary>
    public bool IsReferenceIpam => ReferencePlugins.Ipam.Contains(ToString());

    /// <summary>It is known to run on Windows only.</summary>
    public bool IsOfWindows => ReferencePlugins.OfWindows.Contains(ToString());

    /// <summary>Parses a type.</summary>
    /// <exception cref="CniConfigException">It is missing, is a path, or has a control character.</exception>
    public static PluginType Parse(string text)
    {
        if (string.IsNullOrEmpty(text))
            throw new CniConfigException("a plugin has no type");
        if (text is "." or ".." || text.Contains('/', StringComparison.Ordinal) || text.Any(char.IsControl))
            throw new CniConfigException($"plugin type {Identifier.Quote(text)} is not the name of an executable");
        return new(text);
    }

    /// <inheritdoc/>
    public override string ToString() => value ?? "";
}
