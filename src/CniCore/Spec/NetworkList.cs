using System.Text.Json;
using System.Text.Json.Serialization;
using CniCore.Spec.Shapes;

namespace CniCore.Spec;

/// <summary>CNI's network configuration list (CNI spec, section 1): a name, a version and the plugins in the order ADD runs them.</summary>
[JsonConverter(typeof(NetworkListJson))]
public sealed record NetworkList
{
    /// <summary>The network's name.</summary>
    public required NetworkName Name { get; init; }

    /// <summary>
    /// The version in force: the highest of <c>cniVersions</c> and <c>cniVersion</c> that this runtime knows; <c>0.1.0</c> where the list
    /// has neither.
    /// </summary>
    public required string CniVersion { get; init; }

    /// <summary>
    /// Every version of the list that this runtime knows, ascending. VERSION of the plugins decides among them
    /// (<c>CniRuntime.NegotiateAsync</c>).
    /// </summary>
    public IReadOnlyList<string> CniVersions { get; init; } = [];

    /// <summary><c>disableCheck</c>: the runtime must not run CHECK.</summary>
    public bool DisableCheck { get; init; }

    /// <summary><c>disableGC</c>: the runtime must not run GC.</summary>
    public bool DisableGc { get; init; }

    /// <summary>
    /// The list was generated: built-ins run its plugins where they can. For an administrator's list, executables come first. Not part of
    /// the JSON.
    /// </summary>
    public bool PrefersBuiltins { get; init; }

    /// <summary>The plugins in the order of ADD; never empty.</summary>
    public required IReadOnlyList<PluginConfig> Plugins { get; init; }

    /// <summary>
    /// The index of the plugin that creates the interface and delegates to IPAM; -1 where there is none. It is not always 0: Nomad's lists
    /// start with <c>loopback</c>.
    /// </summary>
    public int MainIndex => ReferencePlugins.MainIndex([.. Plugins.Select(plugin => plugin.Type.ToString())]);

    /// <summary>The plugin at <see cref="MainIndex"/>; null where no plugin creates an interface.</summary>
    public PluginConfig? Main => MainIndex is var place and >= 0 ? Plugins[place] : null;

    /// <summary>The file that the list was read from; null for a list from elsewhere. Not part of the JSON.</summary>
    public string? Source { get; init; }

    /// <summary>Parses a list, or a single plugin's configuration, which becomes a list of one plugin. UTF-8.</summary>
    /// <exception cref="CniConfigException">The list is broken.</exception>
    public static NetworkList Parse(ReadOnlyMemory<byte> json) => NetworkListReader.Read(json);

    /// <summary>
    /// Checks the text of a list that a user has written: no key twice, and every key of the spec and of the reference plugins with a
    /// value of its type. <see cref="Parse"/>, which also reads stored lists, is not that strict.
    /// </summary>
    /// <param name="json">A list, or one plugin with a list's keys. UTF-8.</param>
    /// <param name="place">What the message starts with.</param>
    /// <exception cref="CniConfigException">A key appears twice, or its value has the wrong type. The message names the line.</exception>
    public static void Check(ReadOnlyMemory<byte> json, string place) => ShapeException.Locate(place, () => ListShape.Check(json.Span));

    /// <summary>Whether a plugin of the list asks for the capability.</summary>
    public bool HasCapability(string capability) => PluginsWithCapability(capability).Any();

    /// <summary>The indexes of the plugins that ask for the capability.</summary>
    public IEnumerable<int> PluginsWithCapability(string capability) =>
        Plugins.Index().Where(plugin => plugin.Item.Capabilities.Contains(capability)).Select(plugin => plugin.Index);

    /// <summary>A copy with another plugin at an index.</summary>
    public NetworkList With(int place, PluginConfig plugin) =>
        this with { Plugins = [.. Plugins.Index().Select(old => old.Index == place ? plugin : old.Item)] };

    /// <summary>A copy that is valid in one version only.</summary>
    public NetworkList AtVersion(string version) => this with { CniVersion = version, CniVersions = [version] };

    /// <summary>
    /// The list as JSON, UTF-8, with every plugin's object complete. <c>cniVersions</c> is written where there is a choice of versions.
    /// </summary>
    public byte[] ToJson()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
            WriteTo(writer);
        return buffer.ToArray();
    }

    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("cniVersion", CniVersion);
        writer.WriteString("name", Name.ToString());
        if (DisableCheck)
            writer.WriteBoolean("disableCheck", true);
        if (DisableGc)
            writer.WriteBoolean("disableGC", true);
        writer.WriteStartArray("plugins");
        foreach (var plugin in Plugins)
            plugin.Json.WriteTo(writer);
        writer.WriteEndArray();
        if (CniVersions.Count > 1)
        {
            writer.WriteStartArray("cniVersions");
            foreach (var version in CniVersions)
                writer.WriteStringValue(version);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }
}
