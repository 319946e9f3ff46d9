using System.Text.Json;

namespace CniCore.Spec;

/// <summary>One plugin of a network list: the few keys the runtime acts on, beside the object as it was written.</summary>
public sealed record PluginConfig
{
    /// <summary>Which plugin.</summary>
    public required PluginType Type { get; init; }

    /// <summary>The capabilities it asks for: those of <c>capabilities</c> that are <c>true</c>.</summary>
    public IReadOnlySet<string> Capabilities { get; init; } = new HashSet<string>();

    /// <summary>The plugin's object, every key of it. Its raw text is what the plugin is sent.</summary>
    public required JsonElement Json { get; init; }
}
