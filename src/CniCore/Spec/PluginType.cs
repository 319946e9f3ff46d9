namespace CniCore.Spec;

/// <summary>A plugin's type: the name of its executable, never a path (CVE-2021-20206).</summary>
public readonly record struct PluginType
{
    private readonly string? value;

    private PluginType(string value) => this.value = value;

    /// <summary>
    /// The runtime's own plugin at the end of a list. It adds rules to the FORWARD chain of iptables, which let the attachment's packets
    /// pass.
    /// </summary>
    internal static PluginType Admission { get; } = new("cnid-admission");

    /// <summary>Whether it is a plugin of the CNI project (containernetworking/plugins) for Linux.</summary>
    public bool IsReferencePlugin => ReferencePlugins.Has(ToString());

    /// <summary>Whether it is an IPAM plugin of the CNI project.</summary>
    public bool IsReferenceIpam => ReferencePlugins.Ipam.Contains(ToString());

    /// <summary>Whether it is known to run on Windows only.</summary>
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
