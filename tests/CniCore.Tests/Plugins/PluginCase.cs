namespace CniCore.Tests.Plugins;

/// <summary>A plugin and its input; name, type and version are filled in.</summary>
internal sealed record PluginCase(string Type, string Config, string Args = "")
{
    /// <summary>IPAM plugins that are ours too where the plugin is; all others are the reference's executables.</summary>
    public IReadOnlyList<string> Ipams { get; init; } = [];
}
