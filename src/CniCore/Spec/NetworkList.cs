namespace CniCore.Spec;

/// <summary>CNI's network configuration list (CNI spec, section 1): a name, a version and the plugins in the order ADD runs them.</summary>
public sealed record NetworkList
{
    /// <summary>The network's name.</summary>
    public required NetworkName Name { get; init; }

    /// <summary>
    /// The version in force: the highest this runtime knows of <c>cniVersions</c> and <c>cniVersion</c>; <c>0.1.0</c> where the file says
    /// nothing.
    /// </summary>
    public required string CniVersion { get; init; }

    /// <summary>
    /// All versions the list is valid in that this runtime knows, ascending; the plugins' VERSION answers choose among them.
    /// </summary>
    public IReadOnlyList<string> CniVersions { get; init; } = [];

    /// <summary>CHECK is not to be run.</summary>
    public bool DisableCheck { get; init; }

    /// <summary>GC is not to be run.</summary>
    public bool DisableGc { get; init; }

    /// <summary>
    /// Generated: its plugins are performed in this process where they can be. An administrator's list runs its own executables.
    /// </summary>
    public bool PrefersBuiltins { get; init; }

    /// <summary>The plugins, in ADD's order; never empty.</summary>
    public required IReadOnlyList<PluginConfig> Plugins { get; init; }

    /// <summary>
    /// The place of the plugin that makes the interface, whose IPAM gives its addresses: not always the first (Nomad's lists begin with
    /// <c>loopback</c>). -1 where none makes one.
    /// </summary>
    public int PlaceOfMain => ReferencePlugins.PlaceOfMain([.. Plugins.Select(plugin => plugin.Type.ToString())]);

    /// <summary>The plugin at <see cref="PlaceOfMain"/>; null where none makes an interface.</summary>
    public PluginConfig? Main => PlaceOfMain is var place and >= 0 ? Plugins[place] : null;

    /// <summary>The file it came from, for messages; null for one that was generated or given inline.</summary>
    public string? Source { get; init; }
}
