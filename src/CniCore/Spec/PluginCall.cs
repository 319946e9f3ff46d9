namespace CniCore.Spec;

/// <summary>One verb for one plugin: what CNI puts into the environment, and the configuration it sends to standard input.</summary>
/// <param name="Command">The verb.</param>
/// <param name="Plugin">The plugin's type, the name its executable has in the plugin folders.</param>
/// <param name="ContainerId"><c>CNI_CONTAINERID</c>; empty for GC, STATUS and VERSION.</param>
/// <param name="NetNs"><c>CNI_NETNS</c>, a path; may be empty for DEL.</param>
/// <param name="IfName"><c>CNI_IFNAME</c>; empty for GC, STATUS and VERSION.</param>
/// <param name="Args"><c>CNI_ARGS</c>, already joined: <c>K=V;K=V</c>.</param>
/// <param name="Config">Standard input: UTF-8 JSON of one plugin's request.</param>
public sealed record PluginCall(
    CniCommand Command,
    PluginType Plugin,
    string ContainerId,
    string NetNs,
    string IfName,
    string Args,
    ReadOnlyMemory<byte> Config)
{
    /// <summary>The types that are performed in this process for this attachment, its IPAM included; all others are executables.</summary>
    public IReadOnlySet<string> Builtins { get; init; } = new HashSet<string>();
}
