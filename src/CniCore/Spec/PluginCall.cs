namespace CniCore.Spec;

/// <summary>One verb for one plugin: the environment and standard input of CNI (CNI spec, section 2).</summary>
/// <param name="Command">The verb.</param>
/// <param name="Plugin">The plugin's type: the name of its executable.</param>
/// <param name="ContainerId"><c>CNI_CONTAINERID</c>; empty for GC, STATUS and VERSION.</param>
/// <param name="NetNs"><c>CNI_NETNS</c>, a path; may be empty for DEL.</param>
/// <param name="IfName"><c>CNI_IFNAME</c>; empty for GC, STATUS and VERSION.</param>
/// <param name="Args"><c>CNI_ARGS</c>, joined: <c>K=V;K=V</c>.</param>
/// <param name="Config">Standard input: the plugin's request as JSON, UTF-8.</param>
public sealed record PluginCall(
    CniCommand Command,
    PluginType Plugin,
    string ContainerId,
    string NetNs,
    string IfName,
    string Args,
    ReadOnlyMemory<byte> Config)
{
    /// <summary>The types, IPAM included, that run as built-ins for this attachment. All others are executables.</summary>
    public IReadOnlySet<string> Builtins { get; init; } = new HashSet<string>();
}
